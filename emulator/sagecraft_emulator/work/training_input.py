"""What a training container finds below `/opt/ml/input`: its configuration, and the data of its channels.

Source: "How Amazon SageMaker AI provides training information" in the developer guide.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import storage
from .job_failure import JobFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Request = Mapping[str, Any]
"""The members of `CreateTrainingJob`."""


def write_configuration(request: Request, host_name: str, directory: Path) -> None:
    """Writes the files of `/opt/ml/input/config`.

    Args:
        request: The job's.
        host_name: What the container is called.
        directory: Where they go.
    """
    files = {
        "hyperparameters.json": request.get("HyperParameters", {}),
        "inputdataconfig.json": {each["ChannelName"]: _channel(each, request) for each in _channels(request)},
        "resourceconfig.json": _resources(request["ResourceConfig"], host_name),
    }
    if checkpoints := request.get("CheckpointConfig"):
        files["checkpointconfig.json"] = checkpoints
    for name, content in files.items():
        (directory / name).write_text(json.dumps(content), encoding="utf-8")


def download_channels(
    s3: "S3Client", request: Request, region: str, directory: Path, stopped: Callable[[], bool]
) -> None:
    """Copies the data of all channels, each to a directory of its own.

    Args:
        s3: The client of the account and region.
        request: The job's.
        region: Where the buckets are.
        directory: Where the channels' directories go.
        stopped: Whether the job is to stop; asked between channels.

    Raises:
        JobFailed: A channel has no data, or it cannot be read.
    """
    for channel in _channels(request):
        if stopped():
            return
        name, uri = channel["ChannelName"], channel["DataSource"]["S3DataSource"]["S3Uri"]
        target = directory / name
        target.mkdir()
        try:
            gunzip = channel.get("CompressionType", "None") == "Gzip"
            count = storage.download_prefix(s3, uri, target, gunzip=gunzip)
        except storage.StorageError as error:
            raise JobFailed(f"ClientError: Data download failed: channel '{name}': {error}") from error
        if count == 0:
            raise JobFailed(
                f"ClientError: Data download failed: No S3 objects found under S3 URL '{uri}' given in input data "
                f"source of channel '{name}'. Please ensure that the bucket exists in the selected region "
                f"({region}), that objects exist under that S3 prefix, and that the role "
                f"'{request['RoleArn']}' has 's3:ListBucket' permissions on the bucket."
            )


def _channels(request: Request) -> list[dict[str, Any]]:
    channels: list[dict[str, Any]] = request.get("InputDataConfig", [])
    return channels


def _channel(channel: Mapping[str, Any], request: Request) -> dict[str, Any]:
    source = channel["DataSource"]["S3DataSource"]
    members = {
        "TrainingInputMode": channel.get("InputMode", request["AlgorithmSpecification"]["TrainingInputMode"]),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return {**members, "ContentType": channel["ContentType"]} if "ContentType" in channel else members


def _resources(resources: Mapping[str, Any], host_name: str) -> dict[str, Any]:
    group, instance_type = "homogeneousCluster", resources["InstanceType"]
    return {
        "current_host": host_name,
        "current_instance_type": instance_type,
        "current_group_name": group,
        "hosts": [host_name],
        "instance_groups": [
            {"instance_group_name": group, "instance_type": instance_type, "hosts": [host_name]},
        ],
        "network_interface_name": "lo",
    }
