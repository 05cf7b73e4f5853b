"""The file that a trained model is kept in."""

from pathlib import Path
from typing import Any, Final

MODEL_FILE: Final = "xgboost-model"


def save_model(model: Any, directory: Path) -> None:
    """Saves a booster so that plain xgboost loads it; the format is UBJSON, which the library takes a bare name for."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MODEL_FILE).write_bytes(model.save_raw("ubj"))
