"""The kinds of jobs that the functions run: a new one is a module beside this, and a line in the list."""

from typing import Final

from .automl import AutoMLJob
from .kind import JobKind
from .processing import ProcessingJob
from .training import TrainingJob
from .transform import TransformJob
from .tuning import HyperParameterTuningJob

KINDS: Final[tuple[JobKind, ...]] = (
    TrainingJob(),
    HyperParameterTuningJob(),
    TransformJob(),
    ProcessingJob(),
    AutoMLJob(),
)


def kind_of(resource_type: str) -> JobKind:
    """The kind that a custom resource stands for.

    Raises:
        ValueError: There is none of that type.
    """
    for kind in KINDS:
        if kind.resource_type == resource_type:
            return kind
    known = ", ".join(kind.resource_type for kind in KINDS)
    raise ValueError(f"unknown ResourceType '{resource_type}'; there are {known}")
