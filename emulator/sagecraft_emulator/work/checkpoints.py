"""The checkpoints of a training job, kept in step with S3."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from . import storage
from .job_failure import JobFailed
from .uploaded_directory import UploadedDirectory

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OPT_ML: Final = PurePosixPath("/opt/ml")
DEFAULT_PATH: Final = "/opt/ml/checkpoints"


class Checkpoints:
    """The checkpoint directory of one job.

    Args:
        s3: The client of the account and region.
        config: The request's `CheckpointConfig`.
        opt_ml: What the container sees as `/opt/ml`.

    Raises:
        JobFailed: The `LocalPath` is not below `/opt/ml`.
    """

    def __init__(self, s3: "S3Client", config: Mapping[str, Any], opt_ml: Path) -> None:
        local_path = PurePosixPath(config.get("LocalPath", DEFAULT_PATH))
        if not local_path.is_relative_to(OPT_ML) or ".." in local_path.parts:
            raise JobFailed(
                f"ClientError: CheckpointConfig.LocalPath is '{local_path}'; this emulator keeps checkpoints below "
                f"{OPT_ML} only. Leave it out for {DEFAULT_PATH}."
            )
        self._s3 = s3
        self._uri: str = config["S3Uri"].rstrip("/")
        self._directory = opt_ml / local_path.relative_to(OPT_ML)
        self._uploads = UploadedDirectory(s3, self._directory, self._uri)

    def restore(self) -> None:
        """Copies what an earlier job left, before this one starts.

        Raises:
            StorageError: It cannot be read.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        storage.download_prefix(self._s3, f"{self._uri}/", self._directory)
        self._uploads.is_up_to_date()

    def upload(self) -> None:
        """Copies the files that are new or changed since the last time.

        Raises:
            StorageError: They cannot be written.
        """
        self._uploads.upload()
