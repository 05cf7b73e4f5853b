"""Makes the request of `CreateTrainingJob` from what a training job declares.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Duration, IResolvable
from aws_cdk import aws_kms as kms
from sagecraft_catalog import MetricDefinition

from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.job.checks import is_several
from sagecraft_constructs.network import Network
from sagecraft_constructs.present import present


@dataclass(frozen=True, kw_only=True)
class TrainingJobDefinition:
    """What a training job does, on what and with what; values may be CDK tokens.

    Attributes:
        image_uri: The image in ECR.
        role_arn: The execution role.
        hyperparameters: As strings.
        inputs: The channels by name.
        output_uri: `s3://…` below which the artefacts of the job go.
        output_key: Encrypts the artefacts; `None` leaves that to the bucket.
        instance_type: Such as `ml.m5.large`.
        instance_count: How many.
        volume_gib: Size of each instance's volume, in GiB.
        volume_key: Encrypts the volumes; `None` leaves that to SageMaker's own key.
        max_runtime: After which SageMaker stops the job.
        max_wait: After which SageMaker gives up on spot capacity, the run included; `None` does not use spot capacity.
        checkpoints_uri: `s3://…` where `/opt/ml/checkpoints` is kept; `None` keeps none.
        network_isolation: Whether the container is cut off from the network.
        network: Where in a VPC the job runs; `None` runs it outside of one.
        metric_definitions: What is read from the log; AWS adds those of its own algorithms.
        environment: Of the container.
        retry_attempts: How often the job is tried again after a fault of SageMaker's; `None` does not.
        tags: What the job is tagged with, as the API takes it.
    """

    image_uri: str
    role_arn: str
    hyperparameters: Mapping[str, str]
    inputs: Mapping[str, TrainingInput]
    output_uri: str
    instance_type: str
    instance_count: int
    volume_gib: int
    max_runtime: Duration
    network_isolation: bool
    output_key: kms.IKey | None = None
    volume_key: kms.IKey | None = None
    max_wait: Duration | None = None
    checkpoints_uri: str | None = None
    network: Network | None = None
    metric_definitions: Sequence[MetricDefinition] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    retry_attempts: int | None = None
    tags: IResolvable | None = None


def create_training_job_request(definition: TrainingJobDefinition) -> dict[str, Any]:
    """The request without the job's name; absent means absent, so that SageMaker's own defaults hold."""
    request: dict[str, Any] = {
        "AlgorithmSpecification": _algorithm_specification(definition),
        "RoleArn": definition.role_arn,
        "HyperParameters": dict(definition.hyperparameters),
        "InputDataConfig": [each.channel(name) for name, each in definition.inputs.items()],
        "OutputDataConfig": present(
            S3OutputPath=definition.output_uri,
            KmsKeyId=None if definition.output_key is None else definition.output_key.key_arn,
        ),
        "ResourceConfig": present(
            InstanceType=definition.instance_type,
            InstanceCount=definition.instance_count,
            VolumeSizeInGB=definition.volume_gib,
            VolumeKmsKeyId=None if definition.volume_key is None else definition.volume_key.key_arn,
        ),
        "StoppingCondition": present(
            MaxRuntimeInSeconds=definition.max_runtime.to_seconds(),
            MaxWaitTimeInSeconds=None if definition.max_wait is None else definition.max_wait.to_seconds(),
        ),
        "EnableNetworkIsolation": definition.network_isolation,
        "EnableManagedSpotTraining": definition.max_wait is not None,
        "EnableInterContainerTrafficEncryption": is_several(definition.instance_count),
    }
    if definition.network is not None:
        request["VpcConfig"] = definition.network.vpc_config
    if definition.checkpoints_uri is not None:
        request["CheckpointConfig"] = {"S3Uri": definition.checkpoints_uri}
    if definition.environment:
        request["Environment"] = dict(definition.environment)
    if definition.retry_attempts is not None:
        request["RetryStrategy"] = {"MaximumRetryAttempts": definition.retry_attempts}
    if definition.tags is not None:
        request["Tags"] = definition.tags
    return request


def _algorithm_specification(definition: TrainingJobDefinition) -> dict[str, Any]:
    specification: dict[str, Any] = {"TrainingImage": definition.image_uri, "TrainingInputMode": "File"}
    if definition.metric_definitions:
        specification["MetricDefinitions"] = [
            {"Name": metric.name, "Regex": metric.regex} for metric in definition.metric_definitions
        ]
    return specification
