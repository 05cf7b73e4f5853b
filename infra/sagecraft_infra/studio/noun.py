"""What this room is told of Studio."""

from typing import Final

from sagecraft_catalog.charge import notebook as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.log import Logged
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .holding import STUDIO_HELD
from .space import SPACES
from .standing import STUDIO_DOMAINS

STUDIO: Final = Noun(
    look=Look(
        shown={
            "AWS::SageMaker::Domain": (Kind.NOTEBOOK, "Studio domain"),
            "AWS::SageMaker::UserProfile": (Kind.NOTEBOOK, "User profile"),
            "AWS::SageMaker::Space": (Kind.NOTEBOOK, "Space"),
            "AWS::SageMaker::App": (Kind.NOTEBOOK, "Studio app"),
            "AWS::SageMaker::StudioLifecycleConfig": (Kind.NOTEBOOK, "Lifecycle configuration"),
            "AWS::SageMaker::Image": (Kind.NOTEBOOK, "Studio image"),
            "AWS::SageMaker::ImageVersion": (Kind.NOTEBOOK, "Image version"),
            "AWS::SageMaker::AppImageConfig": (Kind.NOTEBOOK, "Image configuration"),
        },
        serves={"Custom::SageMakerStudioContents": ("DomainId",)},
    ),
    sections=(STUDIO_DOMAINS,),
    logged=(Logged(api=SPACES, group="/aws/sagemaker/studio", prefix="{name}/"),),
    components=(
        Component("Space"),
        Component("StudioDomain"),
        Component("StudioImage"),
        Component("StudioLifecycleConfig"),
        Component("UserProfile"),
    ),
    costs=charged.STUDIO,
    holders=STUDIO_HELD,
)
