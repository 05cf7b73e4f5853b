"""A row of the tables, and requests to begin from.

Texts, in requests and in answers, may name what `test_answers.py` prepares: `{bucket}`, `{far_bucket}`, `{role}`, …
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT, OTHER_ACCOUNT, REGION, FAR_REGION = "110000000011", "220000000022", "us-east-1", "eu-west-1"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
OPEN = "..."
"""Ends a message that goes on."""
ABSENT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/absent"
PULL = (
    "has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
    "ecr:GetDownloadUrlForLayer"
)
NOT_ASSUMED = (
    "Could not assume role {role}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' "
    "to assume the role."
)
NO_OBJECTS = (
    'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in the '
    "selected region (us-east-1), that objects exist under that S3 prefix, and that the role "
    '"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
)
NO_ACCESS = (
    'Could not access model data at {uri}. Please ensure that the role "{role}" exists and that its trust relationship '
    'policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that '
    'the role has "s3:GetObject" permissions and that the object is located in us-east-1. If your Model uses multiple '
    'models or uncompressed models, please ensure that the role has "s3:ListBucket" permission.'
)


@dataclass(frozen=True)
class Row:
    """A request that AWS refuses.

    Attributes:
        case: What is wrong, in a few words.
        operation: Of the API.
        request: Its members.
        code: AWS's error code.
        message: AWS's text.
        source: Where AWS's answer is known from.
        service: Of the API, as boto3 calls it.
    """

    case: str
    operation: str
    request: Mapping[str, Any]
    code: str
    message: str
    source: str
    service: str = "sagemaker"

    def __str__(self) -> str:
        return f"{self.operation}: {self.case}"


def training(*, image: str = XGBOOST, role: str = "{role}", **members: Any) -> dict[str, Any]:
    """A request of `CreateTrainingJob` that is right, but for what a row makes wrong."""
    return {
        "TrainingJobName": "conforms",
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": role,
        "InputDataConfig": [channel("s3://{bucket}/train")],
        "OutputDataConfig": {"S3OutputPath": "s3://{bucket}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **members,
    }


def channel(uri: str) -> dict[str, Any]:
    """A channel of a training job."""
    return {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


def model(
    *, image: str = XGBOOST, role: str = "{role}", data: str | None = "s3://{bucket}/model.tar.gz"
) -> dict[str, Any]:
    """A request of `CreateModel`."""
    container = {"Image": image, **({} if data is None else {"ModelDataUrl": data})}
    return {"ModelName": "conforms", "ExecutionRoleArn": role, "PrimaryContainer": container}


def transform(uri: str = "s3://{bucket}/train", output: str = "s3://{bucket}/output") -> dict[str, Any]:
    """A request of `CreateTransformJob` with the model that is there."""
    return {
        "TransformJobName": "conforms",
        "ModelName": "model",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}},
        "TransformOutput": {"S3OutputPath": output},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def processing(*, image: str = XGBOOST, role: str = "{role}", source: str = "s3://{bucket}/train") -> dict[str, Any]:
    """A request of `CreateProcessingJob`."""
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    s3_input = {"S3Uri": source, "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {
        "ProcessingJobName": "conforms",
        "AppSpecification": {"ImageUri": image},
        "RoleArn": role,
        "ProcessingResources": {"ClusterConfig": cluster},
        "ProcessingInputs": [{"InputName": "in", "S3Input": s3_input}],
    }


def tuning(*, ranges: Mapping[str, Any] | None = None, most: int = 2, **members: Any) -> dict[str, Any]:
    """A request of `CreateHyperParameterTuningJob`; `members` are those of its training job."""
    definition = training(**members)
    del definition["TrainingJobName"]
    eta = {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}
    return {
        "HyperParameterTuningJobName": "conforms",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": most, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"ContinuousParameterRanges": [eta]} if ranges is None else ranges,
        },
        "TrainingJobDefinition": {**definition, "StaticHyperParameters": {"num_round": "1"}},
    }


def notebook(*, role: str = "{role}") -> dict[str, Any]:
    """A request of `CreateNotebookInstance`."""
    return {"NotebookInstanceName": "conforms", "InstanceType": "ml.t3.medium", "RoleArn": role}
