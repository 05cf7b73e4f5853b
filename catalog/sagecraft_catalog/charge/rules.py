"""All rules: what a gate counts by, which knows no nouns but these."""

from typing import Final

from .charge import Rules
from .hosting import HOSTING
from .notebook import NOTEBOOK, STUDIO
from .surroundings import DATA, FEATURES, MONEY, PERMISSIONS, REGISTRY, SURROUNDINGS, TEAM
from .work import AUTOML, PROCESSING, TRAINING, TRANSFORM, TUNING

RULES: Final[Rules] = {
    **TRAINING,
    **TUNING,
    **TRANSFORM,
    **PROCESSING,
    **AUTOML,
    **HOSTING,
    **NOTEBOOK,
    **STUDIO,
    **REGISTRY,
    **DATA,
    **FEATURES,
    **MONEY,
    **PERMISSIONS,
    **TEAM,
    **SURROUNDINGS,
}
"""What resources cost, by their type."""
