"""Makes the request of `CreateTransformJob` from what a transform job declares.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, IResolvable
from aws_cdk import aws_kms as kms

from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.present import present

from .records import BatchStrategy, DataProcessing, SplitType


@dataclass(frozen=True, kw_only=True)
class TransformJobDefinition:
    """What a transform job does, on what and with what; values may be CDK tokens.

    Attributes:
        model_name: The model.
        input: What is transformed.
        output_uri: `s3://…` below which the results go.
        output_key: Encrypts the results; `None` leaves that to the bucket.
        accept: The media type of the results; `None` leaves that to the container.
        split_type: What a record is.
        assemble_lines: Whether each record of the results stands on a line of its own.
        batch_strategy: How many records a request holds; `None` leaves that to SageMaker.
        max_payload_mb: The largest request, in MB; `None` leaves that to SageMaker.
        max_concurrent_transforms: How many requests at once an instance gets; `None` leaves that to SageMaker.
        data_processing: What of the records is used; `None` uses all.
        instance_type: Such as `ml.m5.large`.
        instance_count: How many.
        volume_key: Encrypts the volumes; `None` leaves that to SageMaker's own key.
        invocation_timeout: After which a request has failed; `None` leaves that to SageMaker.
        invocation_retries: How often a failed request is repeated; `None` leaves that to SageMaker.
        environment: Of the container.
        tags: What the job is tagged with, as the API takes it.
    """

    model_name: str
    input: TrainingInput
    output_uri: str
    output_key: kms.IKey | None
    accept: str | None
    split_type: SplitType
    assemble_lines: bool
    batch_strategy: BatchStrategy | None
    max_payload_mb: int | None
    max_concurrent_transforms: int | None
    data_processing: DataProcessing | None
    instance_type: str
    instance_count: int
    volume_key: kms.IKey | None
    invocation_timeout: Duration | None
    invocation_retries: int | None
    environment: Mapping[str, str]
    tags: IResolvable | None


def create_transform_job_request(definition: TransformJobDefinition) -> dict[str, Any]:
    """The request without the job's name; absent means absent, so that SageMaker's own defaults hold."""
    timeout, processing = definition.invocation_timeout, definition.data_processing
    client = present(
        InvocationsTimeoutInSeconds=None if timeout is None else timeout.to_seconds(),
        InvocationsMaxRetries=definition.invocation_retries,
    )
    return present(
        ModelName=definition.model_name,
        MaxConcurrentTransforms=definition.max_concurrent_transforms,
        MaxPayloadInMB=definition.max_payload_mb,
        BatchStrategy=None if definition.batch_strategy is None else str(definition.batch_strategy),
        ModelClientConfig=client or None,
        Environment=dict(definition.environment) or None,
        TransformInput=present(
            DataSource={"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": definition.input.s3_uri}},
            ContentType=definition.input.content_type,
            CompressionType=definition.input.compression,
            SplitType=str(definition.split_type),
        ),
        TransformOutput=present(
            S3OutputPath=definition.output_uri,
            Accept=definition.accept,
            AssembleWith="Line" if definition.assemble_lines else "None",
            KmsKeyId=None if definition.output_key is None else definition.output_key.key_arn,
        ),
        TransformResources=present(
            InstanceType=definition.instance_type,
            InstanceCount=definition.instance_count,
            VolumeKmsKeyId=None if definition.volume_key is None else definition.volume_key.key_arn,
        ),
        DataProcessing=None
        if processing is None
        else present(
            InputFilter=processing.input_filter,
            OutputFilter=processing.output_filter,
            JoinSource="Input" if processing.join_input else "None",
        ),
        Tags=definition.tags,
    )
