"""The file that a trained model is kept in."""

from pathlib import Path
from typing import Any, Final

from sagecraft_containers.errors import UserError

from .library import xgboost

MODEL_FILE: Final = "xgboost-model"
_PICKLE_MAGIC: Final = b"\x80"


def save_model(model: Any, directory: Path) -> None:
    """Saves a booster so that plain xgboost loads it; the format is UBJSON, which the library takes a bare name for."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MODEL_FILE).write_bytes(model.save_raw("ubj"))


def load_model(directory: Path) -> Any:
    """Loads the model of a directory, for one thread.

    Raises:
        UserError: There is none, there are several, or xgboost cannot load it.
    """
    path = _model_file(directory)
    content = path.read_bytes()
    if content.startswith(_PICKLE_MAGIC):
        raise UserError(
            f"The model '{path.name}' is a Python pickle, which could run any code when it is loaded. Load it where "
            "you trust it, and save it with Booster.save_model."
        )
    try:
        return xgboost.Booster({"nthread": 1}, model_file=bytearray(content))
    except xgboost.core.XGBoostError as error:
        raise UserError(f"xgboost cannot load the model '{path.name}': {str(error).splitlines()[-1]}") from error


def _model_file(directory: Path) -> Path:
    named = directory / MODEL_FILE
    if named.is_file():
        return named
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()] if directory.is_dir() else []
    if len(files) != 1:
        found = ", ".join(path.name for path in files) or "no file"
        raise UserError(f"The model archive must hold '{MODEL_FILE}', or one file alone; it holds {found}.")
    return files[0]
