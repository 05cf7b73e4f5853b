"""The directories of a training job that are copied to S3 while it runs: checkpoints, tensors, TensorBoard's files."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.data import storage
from sagecraft_emulator.data.uploaded_directory import UploadedDirectory
from sagecraft_emulator.errors import JobFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OPT_ML: Final = PurePosixPath("/opt/ml")
DEFAULT_PATH: Final = "/opt/ml/checkpoints"
UPLOAD_EVERY_SECONDS: Final = 10.0
# The member of the request, its default LocalPath, and the folder below its S3OutputPath and the job's name.
_OUTPUTS: Final = (
    ("TensorBoardOutputConfig", "/opt/ml/output/tensorboard", "tensorboard-output"),
    ("DebugHookConfig", "/opt/ml/output/tensors", "debug-output"),
)


class Checkpoints:
    """The directories of one host that are kept in step with S3.

    Args:
        s3: The client of the account and region.
        request: The job's.
        job_name: The job's name.
        opt_ml: What the container sees as `/opt/ml`.

    Raises:
        JobFailed: A `LocalPath` is not below `/opt/ml`.
    """

    def __init__(self, s3: "S3Client", request: Mapping[str, Any], job_name: str, opt_ml: Path) -> None:
        self._s3 = s3
        self._config: Mapping[str, Any] | None = request.get("CheckpointConfig")
        self._uploads: list[UploadedDirectory] = []
        if self._config is not None:
            self._directory = _local("CheckpointConfig", self._config, DEFAULT_PATH, opt_ml)
            self._uploads.append(UploadedDirectory(s3, self._directory, self._config["S3Uri"]))
        self._uploads += _outputs(s3, request, job_name, opt_ml)
        self._next = time.monotonic() + UPLOAD_EVERY_SECONDS

    def restore(self) -> None:
        """Copies the checkpoints that an earlier job or run left, before this one starts.

        Raises:
            StorageError: They cannot be read.
        """
        if self._config is not None:
            self._directory.mkdir(parents=True, exist_ok=True)
            storage.download_folder(self._s3, self._config["S3Uri"], self._directory)
            self._uploads[0].is_up_to_date()

    def upload_in_time(self) -> None:
        """Copies what is new when it is time to.

        Raises:
            StorageError: It cannot be written.
        """
        if self._uploads and time.monotonic() >= self._next:
            self.upload()
            self._next = time.monotonic() + UPLOAD_EVERY_SECONDS

    def upload(self) -> None:
        """Copies the files that are new or changed since the last time.

        Raises:
            StorageError: They cannot be written.
        """
        for each in self._uploads:
            each.upload()


def _outputs(s3: "S3Client", request: Mapping[str, Any], job_name: str, opt_ml: Path) -> Iterator[UploadedDirectory]:
    for member, default_path, folder in _OUTPUTS:
        if config := request.get(member):
            directory = _local(member, config, default_path, opt_ml)
            yield UploadedDirectory(s3, directory, (storage.locate(config["S3OutputPath"]) / job_name / folder).uri)


def _local(member: str, config: Mapping[str, Any], default_path: str, opt_ml: Path) -> Path:
    path = PurePosixPath(config.get("LocalPath", default_path))
    if not path.is_relative_to(OPT_ML) or ".." in path.parts:
        raise JobFailed(
            f"ClientError: {member}.LocalPath is '{path}'; this emulator keeps it below {OPT_ML} only. Leave it out "
            f"for {default_path}."
        )
    return opt_ml / path.relative_to(OPT_ML)
