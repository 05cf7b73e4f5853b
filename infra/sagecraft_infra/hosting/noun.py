"""What this room is told of models and endpoints."""

from typing import Final

from sagecraft_catalog.charge import hosting as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.noun.log import Logged
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .holding import ENDPOINTS_HELD
from .importing import write
from .standing import API, ENDPOINTS

HOSTING: Final = Noun(
    look=Look(
        shown={
            "AWS::SageMaker::Model": (Kind.MODEL, "Model"),
            "AWS::SageMaker::EndpointConfig": (Kind.ENDPOINT_CONFIG, "Endpoint configuration"),
            "AWS::SageMaker::Endpoint": (Kind.ENDPOINT, "Endpoint"),
            "AWS::SageMaker::InferenceComponent": (Kind.ENDPOINT, "Inference component"),
        },
        serves={
            "AWS::ApplicationAutoScaling::ScalingPolicy": ("ScalingTargetId", "ResourceId"),
            "AWS::ApplicationAutoScaling::ScalableTarget": ("ResourceId",),
        },
    ),
    sections=(ENDPOINTS,),
    logged=(Logged(api=API, group="/aws/sagemaker/Endpoints/{name}"),),
    importables=(Importable(name="endpoint", api=API, write=write),),
    components=(
        Component("ContinuousDelivery"),
        Component("Endpoint"),
        Component("EndpointConfig"),
        Component("Model"),
        Component("PackagedModel"),
    ),
    costs=charged.HOSTING,
    holders=(ENDPOINTS_HELD,),
)
