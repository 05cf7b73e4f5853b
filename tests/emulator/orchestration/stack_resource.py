"""Resources as CloudFormation makes, changes and removes them."""

from typing import Any

from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.orchestration.cloudformation import Provisioned

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
MODEL = {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE}}
NOTEBOOK = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}

Properties = dict[str, Any]


def make(plane: ControlPlane, noun: str, properties: Properties, logical_id: str = "stack-Thing") -> Provisioned:
    return NOUNS.resource_types[f"AWS::SageMaker::{noun}"].create(plane.service, plane.caller, logical_id, properties)


def change(plane: ControlPlane, noun: str, made: Provisioned, old: Properties, new: Properties) -> Provisioned:
    kind = NOUNS.resource_types[f"AWS::SageMaker::{noun}"]
    return kind.update(plane.service, plane.caller, made.physical_id, "stack-Thing", old, new)


def remove(plane: ControlPlane, noun: str, physical_id: str) -> None:
    NOUNS.resource_types[f"AWS::SageMaker::{noun}"].delete(plane.service, plane.caller, physical_id)


def config(model: Provisioned, **members: Any) -> Properties:
    variant = {
        "VariantName": "a",
        "ModelName": model.attributes["ModelName"],
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
        **members,
    }
    return {"ProductionVariants": [variant]}
