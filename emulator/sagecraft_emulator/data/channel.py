"""A channel: a named input of a training job, as `CreateTrainingJob` gives it, or an input of a processing job.

Source: `Channel` in the SageMaker API reference, and "Setting up training jobs to access datasets" in the developer
guide.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .manifest import AugmentedRecord, list_objects, read_augmented_manifest, shard

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Channel:
    """A channel whose data is in S3.

    Attributes:
        name: What the container knows it by.
        input_mode: `File`, `FastFile` or `Pipe`.
        data_type: `S3Prefix`, `ManifestFile` or `AugmentedManifestFile`.
        uri: The prefix, or the manifest.
        sharded: Whether each host gets a part of the objects, and not all of them.
        gzip: Whether the objects are gzip files to unpack.
        record_io: Whether each object is to be wrapped as a RecordIO record.
        content_type: The MIME type that the container is told, or None.
        attribute_names: What is read from each line of an augmented manifest.
        shuffle_seed: Determines the order of the objects, which is that of their keys when it is None.
        instance_groups: The groups whose hosts get the data; all when empty.
    """

    name: str
    input_mode: str
    data_type: str
    uri: str
    sharded: bool
    gzip: bool
    record_io: bool = False
    content_type: str | None = None
    attribute_names: tuple[str, ...] = ()
    shuffle_seed: int | None = None
    instance_groups: tuple[str, ...] = ()

    @classmethod
    def of(cls, members: Mapping[str, Any], default_input_mode: str) -> "Channel":
        """The channel that members of `InputDataConfig` describe."""
        source = members["DataSource"]["S3DataSource"]
        shuffle = members.get("ShuffleConfig")
        return cls(
            members["ChannelName"],
            members.get("InputMode", default_input_mode),
            source["S3DataType"],
            source["S3Uri"],
            source.get("S3DataDistributionType", "FullyReplicated") == "ShardedByS3Key",
            members.get("CompressionType", "None") == "Gzip",
            members.get("RecordWrapperType", "None") == "RecordIO",
            members.get("ContentType"),
            tuple(source.get("AttributeNames", ())),
            None if shuffle is None else shuffle["Seed"],
            tuple(source.get("InstanceGroupNames", ())),
        )

    @property
    def configuration(self) -> dict[str, str]:
        """What `inputdataconfig.json` says of it."""
        members = {
            "TrainingInputMode": self.input_mode,
            "S3DistributionType": "ShardedByS3Key" if self.sharded else "FullyReplicated",
            "RecordWrapperType": "RecordIO" if self.record_io else "None",
        }
        return members if self.content_type is None else {**members, "ContentType": self.content_type}

    def records(self, s3: "S3Client") -> "ChannelRecords":
        """Looks up what the channel holds.

        Raises:
            StorageError: The bucket cannot be listed, or the manifest cannot be read or is malformed.
        """
        if self.data_type == "AugmentedManifestFile":
            return ChannelRecords(self, read_augmented_manifest(s3, self.uri, self.attribute_names))
        return ChannelRecords(self, [(each,) for each in list_objects(s3, self.data_type, self.uri)])


@dataclass(frozen=True)
class ChannelRecords:
    """What a channel holds: objects, or the lines of an augmented manifest.

    Attributes:
        channel: The channel.
        members: Its objects, each alone in a tuple, or the attributes of each line.
    """

    channel: Channel
    members: Sequence[AugmentedRecord]

    def of_host(self, index: int, count: int, epoch: int = 0) -> Sequence[AugmentedRecord]:
        """What a host gets in an epoch, in its order.

        With a seed the order is another one in each epoch, and with `ShardedByS3Key` also who gets what.

        Args:
            index: The host's, from 0, among those that get data of the channel.
            count: How many get data of it.
            epoch: From 0.
        """
        members = list(self.members)
        if self.channel.shuffle_seed is not None:
            order = random.Random(self.channel.shuffle_seed + epoch)  # noqa: S311 - no secret, and the seed is asked for
            order.shuffle(members)
        return shard(members, index, count) if self.channel.sharded else members
