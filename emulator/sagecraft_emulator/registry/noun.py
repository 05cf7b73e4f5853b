"""What the emulator is told of the model registry."""

from typing import Final

from sagecraft_emulator.noun.noun import Made, Noun
from sagecraft_emulator.orchestration.cloudformation import ResourceType

from .model_package_group import ModelPackageGroupKind

REGISTRY: Final = Noun(
    make=lambda means: Made(kinds=[ModelPackageGroupKind(means.store)]),
    resource_types={
        "AWS::SageMaker::ModelPackageGroup": ResourceType(
            "ModelPackageGroup",
            frozenset({"ModelPackageGroupName", "ModelPackageGroupDescription"}),
        )
    },
)
