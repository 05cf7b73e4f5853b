"""Makes the request of `CreateAutoMLJobV2` from what an AutoML job declares.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJobV2.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Duration, IResolvable
from aws_cdk import aws_kms as kms

from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.network import Network
from sagecraft_constructs.present import present

from .metric import AutoMLMetric
from .problem import AutoMLProblem

CSV: Final = "text/csv;header=present"
PARQUET: Final = "x-application/vnd.amazon+parquet"


@dataclass(frozen=True, kw_only=True)
class AutoMLJobDefinition:
    """What an AutoML job learns, from what and within which limits; values may be CDK tokens.

    Attributes:
        problem: What is to be learnt.
        training: What is learnt from.
        validation: What candidates are compared on; `None` has SageMaker split the other.
        validation_fraction: How much SageMaker splits off; `None` leaves that to SageMaker.
        objective: What candidates are compared by; `None` leaves that to SageMaker.
        max_candidates: How many there are at most.
        max_runtime: How long all of it takes at most.
        max_candidate_runtime: How long a candidate takes at most; `None` sets no such limit.
        features_uri: Where the features to use are told; `None` uses all.
        output_uri: `s3://…` below which the results go.
        output_key: Encrypts the results; `None` leaves that to the bucket.
        volume_key: Encrypts the volumes; `None` leaves that to SageMaker's own key.
        network: Where in a VPC the work runs.
        role_arn: The execution role.
        tags: What the job is tagged with, as the API takes it.
    """

    problem: AutoMLProblem
    training: TrainingInput
    validation: TrainingInput | None
    validation_fraction: float | None
    objective: AutoMLMetric | None
    max_candidates: int
    max_runtime: Duration
    max_candidate_runtime: Duration | None
    features_uri: str | None
    output_uri: str
    output_key: kms.IKey | None
    volume_key: kms.IKey | None
    network: Network | None
    role_arn: str
    tags: IResolvable | None


def create_auto_ml_job_request(definition: AutoMLJobDefinition) -> dict[str, Any]:
    """The request without the job's name; absent means absent, so that SageMaker's own defaults hold."""
    channels = [_channel("training", definition.training)]
    if definition.validation is not None:
        channels.append(_channel("validation", definition.validation))
    fraction, longest = definition.validation_fraction, definition.max_candidate_runtime
    criteria = present(
        MaxCandidates=definition.max_candidates,
        MaxAutoMLJobRuntimeInSeconds=definition.max_runtime.to_seconds(),
        MaxRuntimePerTrainingJobInSeconds=None if longest is None else longest.to_seconds(),
    )
    return present(
        AutoMLJobInputDataConfig=channels,
        OutputDataConfig=present(
            S3OutputPath=definition.output_uri,
            KmsKeyId=None if definition.output_key is None else definition.output_key.key_arn,
        ),
        AutoMLProblemTypeConfig=definition.problem.config(criteria=criteria, features_uri=definition.features_uri),
        AutoMLJobObjective=None if definition.objective is None else {"MetricName": str(definition.objective)},
        DataSplitConfig=None if fraction is None else {"ValidationFraction": fraction},
        SecurityConfig=present(
            VolumeKmsKeyId=None if definition.volume_key is None else definition.volume_key.key_arn,
            EnableInterContainerTrafficEncryption=True,
            VpcConfig=None if definition.network is None else definition.network.vpc_config,
        ),
        RoleArn=definition.role_arn,
        Tags=definition.tags,
    )


def create_auto_ml_job_v1_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request of `CreateAutoMLJob` for the same work on a table, which is what a step of a pipeline takes.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJob.html

    Args:
        request: Of `CreateAutoMLJobV2`.
    """
    table = request["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    columns = present(
        TargetAttributeName=table["TargetAttributeName"],
        SampleWeightAttributeName=table.get("SampleWeightAttributeName"),
    )
    generation = {
        **(table.get("CandidateGenerationConfig") or {}),
        **present(FeatureSpecificationS3Uri=table.get("FeatureSpecificationS3Uri")),
    }
    return present(
        InputDataConfig=[{**channel, **columns} for channel in request["AutoMLJobInputDataConfig"]],
        OutputDataConfig=request["OutputDataConfig"],
        ProblemType=table.get("ProblemType"),
        AutoMLJobObjective=request.get("AutoMLJobObjective"),
        AutoMLJobConfig=present(
            Mode=table["Mode"],
            CompletionCriteria=table["CompletionCriteria"],
            CandidateGenerationConfig=generation or None,
            DataSplitConfig=request.get("DataSplitConfig"),
            SecurityConfig=request["SecurityConfig"],
        ),
        RoleArn=request["RoleArn"],
        Tags=request.get("Tags"),
    )


def _channel(kind: str, data: TrainingInput) -> dict[str, Any]:
    return {
        "ChannelType": kind,
        "ContentType": CSV if data.content_type is None else data.content_type,
        "CompressionType": data.compression,
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": data.s3_uri}},
    }
