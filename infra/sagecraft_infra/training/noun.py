"""What this room is told of training jobs."""

from typing import Final

from sagecraft_catalog.charge import work as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .api import API
from .importing import write
from .job import TRAINING_JOB
from .standing import TRAINING_JOBS

TRAINING: Final = Noun(
    look=Look(
        shown={"Custom::SageMakerTrainingJob": (Kind.JOB, "Training job")},
        by_hand={"TrainingJob": "Training job"},
    ),
    job=TRAINING_JOB,
    sections=(TRAINING_JOBS,),
    importables=(Importable(name="training-job", api=API, write=write),),
    components=(Component("TrainingJob"),),
    costs=charged.TRAINING,
)
