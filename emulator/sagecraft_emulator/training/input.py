"""What a training container finds below `/opt/ml/input`: its configuration, and the data of its channels.

`File` and `FastFile` channels are directories of files. AWS reads a `FastFile` channel's objects through a FUSE file
system when the program opens them; there is none here, so they are copied in before the program starts, and the
program sees the same files.

Source: "How Amazon SageMaker AI provides training information" in the developer guide.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sagecraft_catalog import is_untrained_model

from sagecraft_emulator.data.channel import Channel, ChannelRecords
from sagecraft_emulator.data.pipe_channel import PipeChannel
from sagecraft_emulator.data.storage import S3Object, StorageError, download_objects, no_objects
from sagecraft_emulator.errors import JobFailed

from .hosts import TrainingHost, resource_configuration

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Request = Mapping[str, Any]
"""The members of `CreateTrainingJob`."""

_CONFIGURATIONS: Final = {
    "CheckpointConfig": "checkpointconfig.json",
    "DebugHookConfig": "debughookconfig.json",
    "ProfilerConfig": "profilerconfig.json",
    "TensorBoardOutputConfig": "tensorboardoutputconfig.json",
}


class TrainingInput:
    """The input of one training job, for all of its hosts.

    Args:
        s3: The client of the account and region.
        request: The job's.
        region: Where the buckets are.
        hosts: The job's.

    Raises:
        JobFailed: A channel has no data, or it cannot be listed.
    """

    def __init__(self, s3: "S3Client", request: Request, region: str, hosts: Sequence[TrainingHost]) -> None:
        self._s3, self._request, self._hosts = s3, request, hosts
        default_mode = request["AlgorithmSpecification"]["TrainingInputMode"]
        channels = [Channel.of(members, default_mode) for members in request.get("InputDataConfig", [])]
        self._records = [
            self._look_up(each, region) for each in channels if not is_untrained_model(each.name, each.uri)
        ]

    def write_configuration(self, host: TrainingHost, directory: Path) -> None:
        """Writes the files of a host's `/opt/ml/input/config`."""
        files = {
            "hyperparameters.json": self._request.get("HyperParameters", {}),
            "inputdataconfig.json": {each.channel.name: each.channel.configuration for each in self._of(host)},
            "resourceconfig.json": resource_configuration(self._hosts, host),
        }
        files |= {name: self._request[member] for member, name in _CONFIGURATIONS.items() if member in self._request}
        for name, content in files.items():
            (directory / name).write_text(json.dumps(content), encoding="utf-8")

    def size(self, host: TrainingHost) -> int:
        """How many bytes of a host's data are known to be copied to its volume."""
        return sum(each.size or 0 for records in self._of(host) for each in self._files(records, host))

    def download(self, host: TrainingHost, directory: Path, stopped: Callable[[], bool]) -> None:
        """Copies the data of a host's channels that are files, each to a directory of its own.

        Args:
            host: Whose.
            directory: What the container sees as `/opt/ml/input/data`.
            stopped: Whether the job is to stop; asked before each object.

        Raises:
            JobFailed: An object cannot be read.
        """
        for records in self._of(host):
            channel = records.channel
            if channel.input_mode == "Pipe":
                continue
            target = directory / channel.name
            target.mkdir()
            try:
                files = self._files(records, host)
                download_objects(self._s3, files, target, gunzip=channel.gzip, stopped=stopped)
            except StorageError as error:
                raise _download_failed(channel, error) from error

    def open_pipes(self, host: TrainingHost, directory: Path) -> list[PipeChannel]:
        """Begins to feed the channels of a host that are pipes.

        Args:
            host: Whose.
            directory: What the container sees as `/opt/ml/input/data`.
        """
        return [
            PipeChannel(self._s3, records, *self._place(records.channel, host), directory)
            for records in self._of(host)
            if records.channel.input_mode == "Pipe"
        ]

    def _look_up(self, channel: Channel, region: str) -> ChannelRecords:
        try:
            records = channel.records(self._s3)
        except StorageError as error:
            raise _download_failed(channel, error) from error
        if not records.members:
            raise JobFailed(
                f"ClientError: Data download failed: channel '{channel.name}': "
                f"{no_objects(channel.uri, region, self._request['RoleArn'])}"
            )
        return records

    def _of(self, host: TrainingHost) -> list[ChannelRecords]:
        """The channels that a host gets data of."""
        return [each for each in self._records if host in self._receivers(each.channel)]

    def _receivers(self, channel: Channel) -> list[TrainingHost]:
        groups = channel.instance_groups
        return [host for host in self._hosts if not groups or host.group in groups]

    def _place(self, channel: Channel, host: TrainingHost) -> tuple[int, int]:
        receivers = self._receivers(channel)
        return receivers.index(host), len(receivers)

    def _files(self, records: ChannelRecords, host: TrainingHost) -> list[S3Object]:
        if records.channel.input_mode == "Pipe":
            return []
        members = records.of_host(*self._place(records.channel, host))
        return [part for member in members for part in member if isinstance(part, S3Object)]


def _download_failed(channel: Channel, error: StorageError) -> JobFailed:
    return JobFailed(f"ClientError: Data download failed: channel '{channel.name}': {error}")
