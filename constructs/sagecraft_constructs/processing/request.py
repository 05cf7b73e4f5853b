"""Makes the request of `CreateProcessingJob` from what a processing job declares.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, IResolvable
from aws_cdk import aws_kms as kms

from sagecraft_constructs.job.checks import is_several
from sagecraft_constructs.network import Network
from sagecraft_constructs.present import present

from .input import ProcessingInput
from .output import ProcessingOutput


@dataclass(frozen=True, kw_only=True)
class ProcessingJobDefinition:
    """What a processing job does, on what and with what; values may be CDK tokens.

    Attributes:
        image_uri: The image in ECR.
        role_arn: The execution role.
        entry_point: The command; empty for the image's own.
        arguments: Of the command.
        inputs: By name.
        outputs: By name.
        output_uri: `s3://…` below which each output goes by its name.
        output_key: Encrypts the outputs; `None` leaves that to the bucket.
        instance_type: Such as `ml.m5.large`.
        instance_count: How many.
        volume_gib: Size of each instance's volume, in GiB.
        volume_key: Encrypts the volumes; `None` leaves that to SageMaker's own key.
        max_runtime: After which SageMaker stops the job.
        network_isolation: Whether the container is cut off from the network.
        network: Where in a VPC the job runs; `None` runs it outside of one.
        environment: Of the container.
        tags: What the job is tagged with, as the API takes it.
    """

    image_uri: str
    role_arn: str
    entry_point: Sequence[str]
    arguments: Sequence[str]
    inputs: Mapping[str, ProcessingInput]
    outputs: Mapping[str, ProcessingOutput]
    output_uri: str
    output_key: kms.IKey | None
    instance_type: str
    instance_count: int
    volume_gib: int
    volume_key: kms.IKey | None
    max_runtime: Duration
    network_isolation: bool
    network: Network | None
    environment: Mapping[str, str]
    tags: IResolvable | None


def create_processing_job_request(definition: ProcessingJobDefinition) -> dict[str, Any]:
    """The request without the job's name; absent means absent, so that SageMaker's own defaults hold."""
    outputs = [_output(name, each, definition.output_uri) for name, each in definition.outputs.items()]
    return present(
        ProcessingInputs=[_input(name, each) for name, each in definition.inputs.items()] or None,
        ProcessingOutputConfig=present(
            Outputs=outputs,
            KmsKeyId=None if definition.output_key is None else definition.output_key.key_arn,
        )
        if outputs
        else None,
        ProcessingResources={
            "ClusterConfig": present(
                InstanceCount=definition.instance_count,
                InstanceType=definition.instance_type,
                VolumeSizeInGB=definition.volume_gib,
                VolumeKmsKeyId=None if definition.volume_key is None else definition.volume_key.key_arn,
            )
        },
        StoppingCondition={"MaxRuntimeInSeconds": definition.max_runtime.to_seconds()},
        AppSpecification=present(
            ImageUri=definition.image_uri,
            ContainerEntrypoint=list(definition.entry_point) or None,
            ContainerArguments=list(definition.arguments) or None,
        ),
        Environment=dict(definition.environment) or None,
        NetworkConfig=present(
            EnableInterContainerTrafficEncryption=is_several(definition.instance_count),
            EnableNetworkIsolation=definition.network_isolation,
            VpcConfig=None if definition.network is None else definition.network.vpc_config,
        ),
        RoleArn=definition.role_arn,
        Tags=definition.tags,
    )


def _input(name: str, each: ProcessingInput) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": each.source.s3_uri,
            "LocalPath": each.path(name),
            "S3DataType": "S3Prefix",
            "S3InputMode": each.source.input_mode,
            "S3DataDistributionType": each.source.distribution,
            "S3CompressionType": each.source.compression,
        },
    }


def _output(name: str, each: ProcessingOutput, uri: str) -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": f"{uri}/{name}", "LocalPath": each.path(name), "S3UploadMode": each.upload_mode},
    }
