"""Layers of Lambda functions, each unpacked once for all functions of a user's emulators.

The CDK's layer with the AWS CLI has thousands of files. Every function that fills a bucket would unpack them for
itself, and Python would compile them again for each.
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from sagecraft_emulator.settings import cache_dir

KEPT: Final = 32
"""How many layers are kept: those that were used last."""


def unpacked(archive: Path) -> Path:
    """Where the content of a layer's archive is. Functions read it, and do not write there, as they cannot on AWS.

    Raises:
        OSError: The cache cannot be written.
        BadZipFile: It is no archive.
    """
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    place = cache_dir() / "lambda-layers" / digest[:32]
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        _unpack(archive, place)
        _forget(place.parent)
    os.utime(place)
    return place


def _unpack(archive: Path, place: Path) -> None:
    """Another process may be at it too; the one that is done first counts."""
    scratch = Path(tempfile.mkdtemp(prefix=f"{place.name}-", dir=place.parent))
    try:
        with zipfile.ZipFile(archive) as layer:
            layer.extractall(scratch)
        try:
            scratch.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _forget(layers: Path) -> None:
    """Removes what was used longest ago, where there is too much."""
    for each in sorted(layers.iterdir(), key=_last_used, reverse=True)[KEPT:]:
        shutil.rmtree(each, ignore_errors=True)


def _last_used(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:  # another process has removed it in this moment
        return 0.0
