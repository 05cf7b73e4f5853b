"""What this room is told of pipelines."""

from typing import Final

from sagecraft_catalog.charge.work import pipeline, schedule

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .standing import PIPELINES as STANDING

PIPELINES: Final = Noun(
    look=Look(
        shown={
            "AWS::SageMaker::Pipeline": (Kind.JOB, "Pipeline"),
            "AWS::Scheduler::Schedule": (Kind.MONITORING, "Schedule"),
            "AWS::Events::Rule": (Kind.MONITORING, "Event rule"),
        }
    ),
    sections=(STANDING,),
    components=(Component("Schedule"),),
    costs={"AWS::SageMaker::Pipeline": pipeline, "AWS::Scheduler::Schedule": schedule},
)
