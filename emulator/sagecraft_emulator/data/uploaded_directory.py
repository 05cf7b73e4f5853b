"""A directory that is copied to S3 again and again while a program writes to it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class UploadedDirectory:
    """Copies the files of a directory to below a prefix, each when it is new or has changed.

    Args:
        s3: The client of the account and region.
        directory: What is copied; it need not be there yet.
        uri: The prefix.
        extra: boto3's `ExtraArgs` of the upload, such as the encryption.
    """

    def __init__(self, s3: "S3Client", directory: Path, uri: str, extra: dict[str, Any] | None = None) -> None:
        self._s3, self._directory, self._place = s3, directory, storage.locate(uri)
        self._extra = {} if extra is None else extra
        self._uploaded: dict[str, tuple[int, int]] = {}

    def is_up_to_date(self) -> None:
        """Takes the files that are there as copied."""
        self._uploaded = self._present()

    def upload(self) -> None:
        """Copies the files that are new or changed since the last time.

        Raises:
            StorageError: They cannot be written.
        """
        for name, state in self._present().items():
            if self._uploaded.get(name) != state:
                with suppress(FileNotFoundError):  # the program has removed it meanwhile
                    storage.upload(self._s3, self._directory / name, (self._place / name).uri, self._extra)
                    self._uploaded[name] = state

    def _present(self) -> dict[str, tuple[int, int]]:
        """Size and time of change of the files, by their path below the directory."""
        present = {}
        inside = self._directory.resolve()
        for folder, _, names in os.walk(self._directory):  # passes over folders that vanish
            for path in (Path(folder, name) for name in sorted(names)):
                with suppress(FileNotFoundError):
                    # A link is followed here and not in the sandbox, so one that leads out would leak a file.
                    if path.is_file() and path.resolve().is_relative_to(inside):
                        status = path.stat()
                        present[path.relative_to(self._directory).as_posix()] = (status.st_size, status.st_mtime_ns)
        return present
