"""Models as named arrays in one file, which is read without running anything of it."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.errors import UserError

MODEL_FILE: Final = "model_algo-1"
"""What AWS's own algorithms call their model, which is of another form."""
_ABOUT: Final = "about"
_ALGORITHM: Final = "algorithm"


def save_arrays(
    directory: Path, algorithm: str, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Saves a model.

    Args:
        directory: What becomes the model's archive.
        algorithm: The catalog's name of that which the model is of.
        about: What else is to be known of it, as JSON has it.
        arrays: By name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with (directory / MODEL_FILE).open("wb") as file:
        np.savez(file, allow_pickle=False, **{_ABOUT: text, _ALGORITHM: np.array(algorithm), **arrays})


def load_arrays(directory: Path, algorithm: str) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """What `save_arrays` has saved of an algorithm.

    Raises:
        UserError: There is no model, it is not one of ours, or of another algorithm.
    """
    file = directory / MODEL_FILE
    try:
        with np.load(file, allow_pickle=False) as saved:
            arrays = dict(saved)
        about, of = json.loads(arrays.pop(_ABOUT).tobytes()), str(arrays.pop(_ALGORITHM))
    except FileNotFoundError:
        raise UserError(f"The model has no file '{MODEL_FILE}'.") from None
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise UserError(
            f"The model's file '{MODEL_FILE}' is not of this container: {error}. A model that AWS's own container has "
            "trained is of another form; train it here."
        ) from error
    if of != algorithm:
        raise UserError(f"The model is one of {of}, and this container that of {algorithm}; serve it by its own image.")
    return about, arrays
