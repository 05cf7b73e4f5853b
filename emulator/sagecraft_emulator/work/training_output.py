"""What a training job leaves in S3: its model, and its output data.

Source: `OutputDataConfig` in the SageMaker API reference, "Amazon SageMaker AI training storage folders" and
"Uncompressed model output" in the developer guide.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import storage
from .cluster import Cluster

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
        self._prefix = f"{config['S3OutputPath'].rstrip('/')}/{job_name}/output"
        self._compressed = config.get("CompressionType", "GZIP") == "GZIP"
        self._extra = storage.encryption(config.get("KmsKeyId"))

    def upload_model(self) -> str:
        """Copies `/opt/ml/model`; returns the `S3ModelArtifacts`.

        Raises:
            StorageError: It cannot be written.
        """
        return self._upload("model", [host.sandbox.opt_ml / "model" for host in self._cluster.hosts])

    def upload_data(self) -> None:
        """Copies `/opt/ml/output/data`, if a host has left something there.

        Raises:
            StorageError: It cannot be written.
        """
        directories = [host.sandbox.opt_ml / "output" / "data" for host in self._cluster.hosts]
        if any(directory.is_dir() and any(directory.iterdir()) for directory in directories):
            self._upload("data", directories, archive="output")

    def _upload(self, name: str, directories: "Sequence[Path]", archive: str | None = None) -> str:
        if self._compressed:
            uri = f"{self._prefix}/{archive or name}.tar.gz"
            storage.upload_archive(self._s3, directories, uri, self._cluster.directory, self._extra)
        else:
            uri = f"{self._prefix}/{name}/"
            storage.upload_files(self._s3, directories, uri, self._extra)
        return uri
