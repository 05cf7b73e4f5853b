"""What a training job leaves in S3: its model, and its output data.

Source: `OutputDataConfig` in the SageMaker API reference, "Amazon SageMaker AI training storage folders" and
"Uncompressed model output" in the developer guide.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sagecraft_emulator.data import storage
from sagecraft_emulator.jobs.cluster import Cluster

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_s3 import S3Client


class TrainingOutput:
    """The output of one job: one archive, or one prefix, for all of its hosts.

    Where several hosts leave a file of one name, that of the first host is taken.

    Args:
        s3: The client of the account and region.
        job_name: The job's name.
        config: The request's `OutputDataConfig`.
        cluster: The job's hosts.
    """

    def __init__(self, s3: "S3Client", job_name: str, config: Mapping[str, Any], cluster: Cluster) -> None:
        self._s3, self._cluster = s3, cluster
        self._job_name, self._config = job_name, config
        self._extra = storage.encryption(config.get("KmsKeyId"))

    def upload_model(self) -> str:
        """Copies `/opt/ml/model`; returns the `S3ModelArtifacts`.

        Raises:
            StorageError: It cannot be written.
        """
        uri = model_uri(self._job_name, self._config)
        self._upload(uri, [host.sandbox.opt_ml / "model" for host in self._cluster.hosts])
        return uri

    def upload_data(self) -> None:
        """Copies `/opt/ml/output/data`, if a host has left something there.

        Raises:
            StorageError: It cannot be written.
        """
        directories = [host.sandbox.opt_ml / "output" / "data" for host in self._cluster.hosts]
        if any(directory.is_dir() and any(directory.iterdir()) for directory in directories):
            self._upload(_uri(self._job_name, self._config, "output", "data"), directories)

    def _upload(self, uri: str, directories: "Sequence[Path]") -> None:
        if uri.endswith("/"):
            storage.upload_files(self._s3, directories, uri, self._extra)
        else:
            storage.upload_archive(self._s3, directories, uri, self._cluster.directory, self._extra)


def model_uri(job_name: str, config: Mapping[str, Any]) -> str:
    """The `S3ModelArtifacts` of a training job: an archive, or a prefix that ends with a slash.

    Args:
        job_name: The job's name.
        config: The request's `OutputDataConfig`.
    """
    return _uri(job_name, config, "model", "model")


def _uri(job_name: str, config: Mapping[str, Any], archive: str, prefix: str) -> str:
    compressed = config.get("CompressionType", "GZIP") == "GZIP"
    name = f"{archive}.tar.gz" if compressed else f"{prefix}/"
    return (storage.locate(config["S3OutputPath"]) / job_name / "output" / name).uri
