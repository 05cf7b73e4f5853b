"""All algorithms there are, and those that AWS has besides."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from sagecraft_catalog.forecasting import FORECAST_ALGORITHMS

from sagecraft_containers.errors import UserError

from .algorithm import Algorithm

_CLASSES: Final[Mapping[str, str]] = {
    "npts": "npts.NPTS",
    "ets": "statistical.ETS",
    "trees": "trees.Trees",
    "prophet": "prophet.Prophet",
    "arima": "statistical.ARIMA",
}
"""The quick ones first, so that a limit of time leaves something."""
ALGORITHMS: Final = tuple(_CLASSES)


def find_algorithm(name: str) -> Algorithm:
    """The algorithm of a name; its library is loaded with it."""
    module, _, made = _CLASSES[name].partition(".")
    algorithm: Algorithm = getattr(import_module(f"{__package__}.{module}"), made)()
    return algorithm


def check_algorithms(names: tuple[str, ...]) -> None:
    """Refuses those that there is no program for.

    Raises:
        UserError: One is so.
    """
    lacking = [name for name in names if name not in ALGORITHMS]
    if lacking:
        own = ", ".join(name for name in FORECAST_ALGORITHMS if name in ALGORITHMS)
        raise UserError(
            f"AutoMLAlgorithms has '{lacking[0]}', which there is no program for here; choose of {own}, or none: then "
            "gradient boosting stands in for the neural networks."
        )
