"""What this room is told of tuning jobs."""

from typing import Final

from sagecraft_catalog.charge import work as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .job import TUNING_JOB

TUNING: Final = Noun(
    look=Look(
        shown={"Custom::SageMakerHyperParameterTuningJob": (Kind.JOB, "Tuning job")},
        by_hand={"HyperParameterTuningJob": "Tuning job"},
    ),
    job=TUNING_JOB,
    components=(Component("TuningJob"),),
    costs=charged.TUNING,
)
