"""What this room is told of AutoML jobs."""

from typing import Final

from sagecraft_catalog.charge import work as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .job import AUTOML_JOB

AUTOML: Final = Noun(
    look=Look(
        shown={
            "Custom::SageMakerAutoMLJob": (Kind.JOB, "AutoML job"),
            "Custom::SageMakerModel": (Kind.MODEL, "Model"),
        },
        by_hand={"AutoMLJob": "AutoML job"},
    ),
    job=AUTOML_JOB,
    components=(Component("AutoMLJob"), Component("AutoMLModel")),
    costs=charged.AUTOML,
)
