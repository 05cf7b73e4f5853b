"""The files that trained models are kept in."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sagecraft_containers.errors import UserError

from .image import pickles_models
from .library import xgboost

MODEL_FILE: Final = "xgboost-model"


@dataclass(frozen=True)
class Model:
    """A booster that was loaded.

    Attributes:
        booster: A `xgboost.Booster`, for one thread.
        was_pickled: Whether its file was a pickle, as XGBoost 0.72 and many scripts save it.
    """

    booster: Any
    was_pickled: bool


def save_model(model: Any, directory: Path, name: str = MODEL_FILE) -> None:
    """Saves a booster as the image does: a pickle, or UBJSON, which the library itself takes a bare name for."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(pickle.dumps(model) if pickles_models() else model.save_raw("ubj"))


def load_models(directory: Path, *, all_files: bool) -> list[Model]:
    """Loads the models of a directory, as AWS's container does: every file in it that is not hidden is one.

    A pickle runs the code that it names. So this is for the process of a container alone, which its model's author may
    run code in anyway.

    Args:
        directory: Where they lie.
        all_files: Whether all of them are loaded, and not the first one by name alone.

    Raises:
        UserError: There is none, or one cannot be loaded.
    """
    files = sorted(path for path in directory.iterdir() if path.is_file()) if directory.is_dir() else []
    files = [path for path in files if not path.name.startswith(".")]
    if not files:
        raise UserError(f"The model archive must hold a model such as '{MODEL_FILE}', outside of any folder.")
    return [_load(path) for path in (files if all_files else files[:1])]


def _load(path: Path) -> Model:
    content = path.read_bytes()
    try:
        model = pickle.loads(content)  # noqa: S301 - see load_models
    except Exception as error:  # a pickle may raise anything, and so may what is none
        not_pickled = f"{type(error).__name__}: {error}"
    else:
        if not isinstance(model, xgboost.Booster):
            raise UserError(
                f"The model '{path.name}' is a pickled {type(model).__module__}.{type(model).__qualname__}; the "
                "algorithm takes a xgboost.Booster. Save the booster, such as get_booster() of a scikit-learn wrapper."
            )
        model.set_param({"nthread": 1})
        return Model(model, was_pickled=True)
    try:
        return Model(xgboost.Booster({"nthread": 1}, model_file=bytearray(content)), was_pickled=False)
    except (xgboost.core.XGBoostError, ValueError) as error:
        told = str(error).partition("\nStack trace:")[0].strip().splitlines()
        raise UserError(
            f"xgboost cannot load the model '{path.name}': {told[-1] if told else type(error).__name__}. "
            f"It is no pickle that can be loaded either: {not_pickled}."
        ) from error
