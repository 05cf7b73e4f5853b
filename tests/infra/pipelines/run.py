"""A run of a pipeline, as SageMaker tells of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
from botocore.stub import ANY, Stubber
from sagecraft_infra.target import Target

NAME = "retrain"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:pipeline/{NAME}"
RUN = f"{ARN}/execution/abc123def456"
BEGAN = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "Rounds", "Type": "Integer", "DefaultValue": 10},
        {"Name": "Machine", "Type": "String", "EnumValues": ["ml.m5.large", "ml.m5.xlarge"]},
        {"Name": "Ask", "Type": "Boolean", "DefaultValue": False},
    ],
    "Steps": [
        {
            "Name": "IsGood",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "GreaterThan",
                        "LeftValue": {
                            "Std:JsonGet": {
                                "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.report"},
                                "Path": "auc",
                            }
                        },
                        "RightValue": 0.8,
                    }
                ],
                "IfSteps": [
                    {
                        "Name": "Register",
                        "Type": "RegisterModel",
                        "Arguments": {
                            "ModelPackageDescription": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
                        },
                    }
                ],
                "ElseSteps": [{"Name": "IsBad", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}],
            },
        },
        {"Name": "Train", "Type": "Training", "DependsOn": ["Prepare"], "Arguments": {}},
        {
            "Name": "Evaluate",
            "Type": "Processing",
            "Arguments": {
                "Environment": {"MODEL": {"Std:Join": {"On": "", "Values": ["x", {"Get": "Steps.Train.RoleArn"}]}}}
            },
        },
        {"Name": "Prepare", "Type": "Processing", "Arguments": {"RoleArn": {"Get": "Parameters.Machine"}}},
    ],
}
PIPELINE = {"PipelineName": NAME, "PipelineArn": ARN, "PipelineDefinition": json.dumps(DEFINITION)}


class Stubbed:
    """A target whose SageMaker answers what it is told to."""

    region = "us-east-1"

    def __init__(self) -> None:
        self.client = boto3.client(
            "sagemaker", region_name="us-east-1", aws_access_key_id="1", aws_secret_access_key="1"
        )
        self.stubber = Stubber(self.client)
        self.stubber.activate()

    def sagemaker(self, _: str) -> Any:
        return self.client

    @property
    def target(self) -> Target:
        return cast("Target", self)

    def answers(self, operation: str, answer: Mapping[str, Any], asked: Mapping[str, Any] | None = None) -> None:
        self.stubber.add_response(operation, dict(answer), None if asked is None else dict(asked))

    def answers_run(self, status: str, steps: list[dict[str, Any]], **described: Any) -> None:
        """How the run stands."""
        ended = {"CreationTime": BEGAN, "LastModifiedTime": BEGAN + timedelta(minutes=5), **described}
        self.answers("describe_pipeline_execution", {"PipelineExecutionStatus": status, **ended})
        self.answers(
            "describe_pipeline_definition_for_execution",
            {"PipelineDefinition": json.dumps(DEFINITION), "CreationTime": BEGAN},
        )
        self.answers("list_pipeline_execution_steps", {"PipelineExecutionSteps": steps})


def step(name: str, status: str, seconds: int | None = None, **members: Any) -> dict[str, Any]:
    """A step as SageMaker tells of it."""
    ended = {} if seconds is None else {"EndTime": BEGAN + timedelta(seconds=seconds)}
    return {"StepName": name, "StepStatus": status, "StartTime": BEGAN, **ended, **members}


FAILED = [
    step("Prepare", "Succeeded", 65, CacheHitResult={"SourcePipelineExecutionArn": RUN}),
    step(
        "Train",
        "Succeeded",
        7,
        Metadata={"TrainingJob": {"Arn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/t"}},
    ),
    step("Evaluate", "Succeeded", 3700),
    step("IsGood", "Succeeded", 1, Metadata={"Condition": {"Outcome": "False"}}),
    step("IsBad", "Failed", 1, FailureReason="AUC is too low"),
]
__all__ = ["ANY", "ARN", "BEGAN", "DEFINITION", "FAILED", "NAME", "PIPELINE", "RUN", "Stubbed", "step"]
