"""What this room is told of the model registry."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .importing import write
from .standing import GROUP, MODEL_PACKAGE_GROUPS, MODEL_PACKAGES

REGISTRY: Final = Noun(
    look=Look(
        shown={
            "AWS::SageMaker::ModelPackage": (Kind.MODEL, "Model package"),
            "AWS::SageMaker::ModelPackageGroup": (Kind.MODEL, "Model package group"),
        }
    ),
    sections=(MODEL_PACKAGE_GROUPS, MODEL_PACKAGES),
    importables=(Importable(name="model-package-group", api=GROUP, write=write),),
    components=(Component("ModelPackageGroup"), Component("ModelPackage")),
    costs=charged.REGISTRY,
)
