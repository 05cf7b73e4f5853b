"""What this room is told of the model registry."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

REGISTRY: Final = Noun(
    look=Look(
        shown={
            "AWS::SageMaker::ModelPackage": (Kind.MODEL, "Model package"),
            "AWS::SageMaker::ModelPackageGroup": (Kind.MODEL, "Model package group"),
        }
    ),
    costs=charged.REGISTRY,
)
