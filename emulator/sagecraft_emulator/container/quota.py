"""The size of the volume that each host of a job has: what the host writes must fit on it.

The volume is not a file system of its own here, so a program is not stopped by the write that does not fit, but its
directories are measured from time to time.
"""

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sagecraft_emulator.errors import JobFailed

from .sandbox import Sandbox

GIB: Final = 1 << 30
_BLOCK_BYTES: Final = 512
_EVERY_SECONDS: Final = 1.0
# Of many files, measuring takes at most this share of one core.
_SHARE_OF_TIME: Final = 0.05


class VolumeQuota:
    """Watches what the hosts of a job have written below `/opt/ml` and `/tmp`.

    Args:
        sandboxes: Of the job's hosts.
        size_gib: Of the volume of each; without limit when it is 0.
    """

    def __init__(self, sandboxes: Sequence[Sandbox], size_gib: int) -> None:
        self._sandboxes, self._size_gib = sandboxes, size_gib
        self._next = time.monotonic() + _EVERY_SECONDS

    def check_download(self, host: str, size: int) -> None:
        """Passes when the input of a host fits.

        Raises:
            JobFailed: It does not.
        """
        if self._size_gib and size > self._size_gib * GIB:
            raise JobFailed(
                f"ClientError: Data download failed:Insufficient disk space. The input of {host} has "
                f"{size / GIB:.2f} GiB and VolumeSizeInGB is {self._size_gib}. Increase VolumeSizeInGB, or use the "
                "input mode Pipe."
            )

    def watch(self) -> None:
        """Measures when it is time to.

        Raises:
            JobFailed: A host has written more than its volume holds.
        """
        if self._size_gib and time.monotonic() >= self._next:
            began = time.monotonic()
            self.check()
            ended = time.monotonic()
            self._next = ended + max(_EVERY_SECONDS, (ended - began) / _SHARE_OF_TIME)

    def check(self) -> None:
        """Measures.

        Raises:
            JobFailed: A host has written more than its volume holds.
        """
        if not self._size_gib:
            return
        for sandbox in self._sandboxes:
            size = disk_usage((sandbox.opt_ml, sandbox.tmp))
            if size > self._size_gib * GIB:
                raise JobFailed(
                    f"ClientError: No space left on device: /opt/ml and /tmp of {sandbox.host_name} hold "
                    f"{size / GIB:.2f} GiB and VolumeSizeInGB is {self._size_gib}. Increase VolumeSizeInGB, or write "
                    "less."
                )


def disk_usage(directories: Iterable[Path]) -> int:
    """The bytes that files below directories take on the disk; links count as themselves."""
    size = 0
    left = [os.fspath(directory) for directory in directories]
    while left:
        try:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
        except (FileNotFoundError, PermissionError):
            continue  # removed meanwhile, or closed to this user
    return size
