"""The nouns of this room: whoever adds one adds it here."""

from typing import Final

from .automl.noun import AUTOML
from .data.noun import DATA
from .features.noun import FEATURES
from .hosting.noun import HOSTING
from .money.noun import MONEY
from .notebook.noun import NOTEBOOK
from .noun.noun import Nouns
from .permissions.noun import PERMISSIONS
from .pipelines.noun import PIPELINES
from .processing.noun import PROCESSING
from .registry.noun import REGISTRY
from .studio.noun import STUDIO
from .team.noun import TEAM
from .training.noun import TRAINING
from .transform.noun import TRANSFORM
from .tuning.noun import TUNING

NOUNS: Final = Nouns(
    TRAINING,
    TUNING,
    TRANSFORM,
    PROCESSING,
    AUTOML,
    HOSTING,
    NOTEBOOK,
    STUDIO,
    REGISTRY,
    FEATURES,
    PIPELINES,
    DATA,
    MONEY,
    PERMISSIONS,
    TEAM,
)
