"""Which files of a channel are read, and which ones AWS's container refuses, reads as data, or does not see.

Source: `data_utils.py` of `aws/sagemaker-xgboost-container`. What it leaves out in silence is refused here.
"""

from pathlib import Path
from typing import Final

from sagecraft_containers.data.content_type import DataFormat
from sagecraft_containers.errors import UserError
from sagecraft_containers.xgboost.image import image_version, reads_folders

MAX_FOLDER_DEPTH: Final = 3
_OF_ANY_NAME: Final = frozenset({DataFormat.CSV, DataFormat.LIBSVM})
"""The formats of which the library reads all files of a folder, whatever they are called."""


def data_files(directory: Path, data: DataFormat) -> list[Path]:
    """The files below a directory in the order of their names, but for markers such as `_SUCCESS`.

    Raises:
        UserError: A file is hidden, or too deep for AWS's container, or is a marker that it would read as data.
    """
    files = sorted(file for file in directory.rglob("*") if file.is_file())
    for file in files:
        name = f"{directory.name}/{file.relative_to(directory)}"
        if file.name.startswith("."):
            raise UserError(f"Hidden file found in the data path: '{name}'. Remove it before training.")
        if len(file.relative_to(directory).parts) > MAX_FOLDER_DEPTH:
            raise UserError(
                f"The file '{name}' lies deeper than {MAX_FOLDER_DEPTH} folders, the channel's among them, where "
                "XGBoost does not look; move it up."
            )
        if file.name.startswith("_") and file.stat().st_size and data in _OF_ANY_NAME:
            raise UserError(f"XGBoost would read the file '{name}' as {data.value}, too; remove it from the channel.")
    folders = sorted({str(file.parent.relative_to(directory.parent)) for file in files})
    if len(folders) > 1 and not reads_folders():
        raise UserError(
            f"XGBoost {image_version()} reads one folder of a channel alone, but there are files in "
            f"{', '.join(folders)}; put all of them into one, or use version 1.7-1 or later."
        )
    return [file for file in files if not file.name.startswith("_")]
