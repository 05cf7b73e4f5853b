"""How a tuning job searches."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sagecraft_constructs.prop_kinds import check_props


class TuningStrategy(StrEnum):
    """How a tuning job chooses the next hyperparameters.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
    """

    BAYESIAN = "Bayesian"
    """By what the earlier training jobs reached."""
    RANDOM = "Random"
    """By chance, so that as many as one likes can run in parallel."""
    GRID = "Grid"
    """Every combination of categorical ranges."""
    HYPERBAND = "Hyperband"
    """Many with few resources, and the best of them with more; for metrics that are reported at every epoch."""


@check_props
@dataclass(frozen=True, kw_only=True)
class Hyperband:
    """The resources of Hyperband, in epochs or whatever the algorithm reports its metric after.

    Attributes:
        min_resource: What a training job gets at least before it may be stopped. Left out, one.
        max_resource: What a training job gets at most, 20,000 at most. Left out, it is the hyperparameter `epochs`, or
            one that is called like it, of those that stay the same.
    """

    min_resource: int | None = None
    max_resource: int | None = None


class WarmStartType(StrEnum):
    """What a tuning job has in common with those that it learns from.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
    """

    IDENTICAL_DATA_AND_ALGORITHM = "IdenticalDataAndAlgorithm"
    """Data and image are the same; ranges may differ."""
    TRANSFER_LEARNING = "TransferLearning"
    """Data or image may differ, and be larger or newer."""


SHORTEST_TUNING_SECONDS: Final = 120
LONGEST_TUNING_SECONDS: Final = 15_768_000
MOST_PARALLEL_JOBS: Final = 100
"""What AWS raises the default quota, ten, to."""
MOST_JOBS: Final = {
    TuningStrategy.BAYESIAN: 750,
    TuningStrategy.RANDOM: 10_000,
    TuningStrategy.GRID: 750,
    TuningStrategy.HYPERBAND: 750,
}
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html"""
LARGEST_RESOURCE: Final = 20_000
RESOURCE_HYPERPARAMETERS: Final = frozenset({"epochs", "n-epochs", "n_epochs", "num_epochs", "numepochs"})
"""Where Hyperband finds its largest resource when it is not told."""
MOST_RANGES: Final = 30
MOST_PARENTS: Final = 5
MOST_DEFINITIONS: Final = 10
