"""The size of a notebook instance's volume: what it holds is measured, and JupyterLab saves no more when that is over.

The volume is not a file system of its own here, so a program is not stopped by the write that does not fit.
"""

import shutil
import time
from pathlib import Path
from typing import ClassVar, Final

from sagecraft_emulator.container.quota import GIB, disk_usage

FULL: Final = "full"
"""The file that is there while the volume is over its size, and says so."""
_SEEN: Final = "/etc/jupyter/volume"
_CONFIGURATION: Final = "jupyter_server_config.py"
"""Jupyter's, for all its users, is below `/etc/jupyter`."""
_PROGRAM: Final = Path(__file__).with_name("guest") / "saving.py"
_EVERY_SECONDS: Final = 5.0
_SHARE_OF_TIME: Final = 0.02
"""Of many files, measuring takes at most this share of one core."""


class VolumeWatch:
    """Measures a volume from time to time.

    Args:
        volume: The directory that stands for it.
        size_gib: Its size.
        directory: Is made, for what the instance is told.

    Attributes:
        given: What the instance sees of it, by the path there.
    """

    full: ClassVar[str] = (
        "~/SageMaker holds {used:.2f} GiB, and VolumeSizeInGB is {size:g}. Remove files, or stop the instance and give "
        "it a larger volume by UpdateNotebookInstance."
    )

    def __init__(self, volume: Path, size_gib: float, directory: Path) -> None:
        self._volume, self._size_gib = volume, size_gib
        directory.mkdir()
        configuration = directory / _CONFIGURATION
        shutil.copyfile(_PROGRAM, configuration)
        self.given = {f"/etc/jupyter/{_CONFIGURATION}": configuration, _SEEN: directory}
        self._full = directory / FULL
        self._next = 0.0

    def look(self) -> str | None:
        """Measures when it is time to; returns what is to be said when the volume has come to be over its size."""
        began = time.monotonic()
        if began < self._next:
            return None
        used_gib = disk_usage((self._volume,)) / GIB
        ended = time.monotonic()
        self._next = ended + max(_EVERY_SECONDS, (ended - began) / _SHARE_OF_TIME)
        was_full, is_full = self._full.exists(), used_gib > self._size_gib
        if not is_full:
            self._full.unlink(missing_ok=True)
            return None
        said = f"No space left on device: {self.full.format(used=used_gib, size=self._size_gib)}"
        self._full.write_text(said, encoding="utf-8")
        return None if was_full else said
