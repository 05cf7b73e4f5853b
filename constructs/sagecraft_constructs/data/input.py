"""What a job reads."""

from dataclasses import dataclass
from typing import Any, Literal

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import IDependable

from sagecraft_constructs.prop_kinds import check_props

from .place import key_of, url_of


@check_props
@dataclass(frozen=True, kw_only=True)
class TrainingInput:
    """The objects of a bucket below a prefix, as one channel of a training job or as what another job reads.

    Attributes:
        bucket: Where the objects are.
        prefix: What their keys begin with.
        content_type: Their media type, such as `text/csv`. Left out, the algorithm takes its own default; that of
            XGBoost is LIBSVM.
        input_mode: `File` copies the objects before training begins, `Pipe` streams them, `FastFile` reads them on
            demand. Left out, they are copied.
        distribution: Whether every instance gets all objects or its share. Left out, all.
        compression: `Gzip` undoes that. Left out, objects are taken as they are.
        requires: What has to be deployed before the objects are there. Left out, they are there already.
        key: Encrypts them, where that is not the bucket's own key. Left out, it is.
        uri: `s3://…` where that is known at deployment alone, as the output of another job is; it lies below the
            prefix. Left out, the prefix is it.
    """

    bucket: s3.IBucket
    prefix: str
    content_type: str | None = None
    input_mode: Literal["File", "Pipe", "FastFile"] = "File"
    distribution: Literal["FullyReplicated", "ShardedByS3Key"] = "FullyReplicated"
    compression: Literal["None", "Gzip"] = "None"
    requires: tuple[IDependable, ...] = ()
    key: kms.IKey | None = None
    uri: str | None = None

    def __post_init__(self) -> None:
        """Leaves out the slashes that the prefix begins with.

        Raises:
            InvalidProps: There is `//` in it.
        """
        object.__setattr__(self, "prefix", key_of("TrainingInput", "prefix", self.prefix))

    @property
    def s3_uri(self) -> str:
        """`s3://<bucket>/<prefix>`."""
        return url_of(self.bucket, self.prefix) if self.uri is None else self.uri

    def channel(self, name: str) -> dict[str, Any]:
        """The `Channel` of `CreateTrainingJob`."""
        channel: dict[str, Any] = {
            "ChannelName": name,
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": self.s3_uri,
                    "S3DataDistributionType": self.distribution,
                }
            },
            "InputMode": self.input_mode,
            "CompressionType": self.compression,
        }
        if self.content_type is not None:
            channel["ContentType"] = self.content_type
        return channel
