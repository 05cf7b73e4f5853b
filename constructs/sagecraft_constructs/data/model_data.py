"""The artefact that a model is served from."""

from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import IDependable

from sagecraft_constructs.prop_kinds import check_props

from .input import TrainingInput
from .place import key_of


@check_props
@dataclass(frozen=True, kw_only=True)
class ModelData:
    """A `model.tar.gz` in S3.

    Attributes:
        bucket: Where it lies.
        uri: `s3://<bucket>/…/model.tar.gz`; may be a token, as the artefact of a training job is.
        prefix: What its key is known to begin with; a role may read what lies below.
        key: Encrypts it, where that is not the bucket's own key. Left out, it is.
        requires: What has to be deployed before it is there. Left out, it is there already.
    """

    bucket: s3.IBucket
    uri: str
    prefix: str
    key: kms.IKey | None = None
    requires: tuple[IDependable, ...] = ()

    def input(self) -> TrainingInput:
        """The artefact, as what a job reads: one file, `model.tar.gz`."""
        return TrainingInput(bucket=self.bucket, prefix=self.prefix, uri=self.uri, key=self.key, requires=self.requires)

    @staticmethod
    @check_props
    def from_bucket(bucket: s3.IBucket, key: str) -> "ModelData":
        """An artefact that exists.

        Args:
            bucket: Where it lies.
            key: Its key, which ends with `.tar.gz`.

        Raises:
            InvalidProps: There is `//` in the key.
        """
        key = key_of("ModelData.from_bucket", "key", key)
        return ModelData(bucket=bucket, uri=bucket.s3_url_for_object(key), prefix=key)
