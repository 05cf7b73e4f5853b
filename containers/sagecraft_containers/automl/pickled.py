"""A model as a file, which runs what it says when it is read, as every pickle."""

from pathlib import Path
from typing import Any

from sagecraft_containers.errors import UserError


def save(model: object, directory: Path, name: str) -> None:
    """Writes a model into a directory, for `load`."""
    import joblib  # noqa: PLC0415 - it takes longer to import than all else here

    directory.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, directory / name, compress=3)


def load(directory: Path, name: str) -> Any:
    """What `save` wrote.

    Raises:
        UserError: There is none.
    """
    import joblib  # noqa: PLC0415 - as above

    if not (directory / name).is_file():
        raise UserError(f"The model has no file '{name}', which a training job of this container writes.")
    return joblib.load(directory / name)
