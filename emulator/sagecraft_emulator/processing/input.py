"""An input of a processing job, as `CreateProcessingJob` gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sagecraft_emulator.data.channel import Channel


@dataclass(frozen=True)
class ProcessingInput:
    """An input that SageMaker copies or streams.

    Attributes:
        name: What the request calls it.
        channel: Where its objects are.
        local_path: Where the container finds them: a directory, or in Pipe mode what the FIFOs `<path>_<epoch>` are
            called.
    """

    name: str
    channel: Channel
    local_path: str

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "ProcessingInput":
        """The input that a member of `ProcessingInputs` describes."""
        source = members["S3Input"]
        channel = Channel(
            name=PurePosixPath(source["LocalPath"]).name,
            input_mode=source.get("S3InputMode", "File"),
            data_type=source["S3DataType"],
            uri=source["S3Uri"],
            sharded=source.get("S3DataDistributionType", "FullyReplicated") == "ShardedByS3Key",
            gzip=source.get("S3CompressionType", "None") == "Gzip",
        )
        return cls(members["InputName"], channel, source["LocalPath"])
