"""A batch transform job."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import join_key

from sagecraft_constructs import permissions
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.place import check_key_regions, check_prefix, check_region
from sagecraft_constructs.hosting.base import ModelBase
from sagecraft_constructs.hosting.model import Model
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.needs import JobNeeds
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.prop_kinds import check_props

from .checks import check_answers, check_transform
from .kind import TRANSFORM
from .records import BatchStrategy, DataProcessing, SplitType
from .request import TransformJobDefinition, create_transform_job_request


class TransformJob(Job):
    """A SageMaker batch transform job, run by CloudFormation as it creates the stack, or as `realization` says.

    It sends every record below a prefix through a model, and writes an object `<key>.out` for each object that it read.
    Where the deployment runs it, the output goes below the name of the job, so no run writes over another's; as a
    step of a `Pipeline` it goes below the id of the execution, and a run by hand leaves it right below the prefix. What
    stands at `TrainingJob` about names, changes, failures
    and tags holds here too. SageMaker runs it under the role of the model.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html

    Attributes:
        name_prefix: What the name of the job begins with.
        request: What SageMaker is asked for, without the name: the `Arguments` of a step of a pipeline.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        model: ModelBase,
        input: TrainingInput,  # noqa: A002 - SageMaker's word for it
        output_bucket: s3.IBucket,
        output_prefix: str = "transform",
        output_key: kms.IKey | None = None,
        accept: str | None = None,
        split_type: SplitType = SplitType.LINE,
        assemble_lines: bool | None = None,
        batch_strategy: BatchStrategy | None = None,
        max_payload_mb: int | None = None,
        max_concurrent_transforms: int | None = None,
        data_processing: DataProcessing | None = None,
        instance_type: InstanceType | None = None,
        instance_count: int = 1,
        volume_key: kms.IKey | None = None,
        invocation_timeout: Duration | None = None,
        invocation_retries: int | None = None,
        environment: Mapping[str, str] | None = None,
        model_role: iam.IRole | None = None,
        name_prefix: str | None = None,
        realization: JobRealization = JobRealization.DEPLOY,
    ) -> None:
        """Declares the job.

        Args:
            scope: Where it stands.
            id: Its name there.
            model: What predicts.
            input: What is transformed, such as `Dataset.channel(...)`.
            output_bucket: Where the results go.
            output_prefix: What their keys begin with; the name prefix and the name of the job follow. Left out,
                `transform`.
            output_key: Encrypts the results. Left out, the bucket's default encryption does.
            accept: The media type of the results. Left out, the container's default.
            split_type: What a record is. Left out, a line.
            assemble_lines: Whether each record of the results stands on a line of its own. Left out, it does
                where the records of the input are lines.
            batch_strategy: How many records a request to the container holds. Left out, as many as fit.
            max_payload_mb: The largest request in MB, at most 100; 0 streams. Left out, 6.
            max_concurrent_transforms: How many requests at once an instance gets. Left out, what the container says,
                else one.
            data_processing: What of the records is used and written. Left out, all, and the predictions alone.
            instance_type: Left out, `ml.m5.large`.
            instance_count: Left out, one.
            volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
            invocation_timeout: After which a request has failed, at most an hour. Left out, ten minutes.
            invocation_retries: How often a failed request is repeated, at most 3. Left out, 3 times.
            environment: Environment variables of the container. Left out, the model's alone.
            model_role: The role of a model that is not declared here; it gets exactly the permissions that the job
                needs. Left out, that of the model.
            name_prefix: Lower case, at most 49 characters. Left out, made from where the construct stands.
            realization: How the job comes to run. Left out, the deployment runs it. A transform job has no limit of
                time of its own; one that takes longer than the deployment can wait is stopped, and has failed.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(scope, id, kind=TRANSFORM, name_prefix=name_prefix, realization=realization)
        self._output_bucket = output_bucket
        self._output_prefix = join_key(output_prefix, self.name_prefix)
        instance_type = InstanceType.M5_LARGE if instance_type is None else instance_type
        self._definition = TransformJobDefinition(
            model_name=model.model_name,
            input=input,
            output_uri=output_bucket.s3_url_for_object(self._output_prefix),
            output_key=output_key,
            accept=accept,
            split_type=split_type,
            assemble_lines=split_type is SplitType.LINE if assemble_lines is None else assemble_lines,
            batch_strategy=batch_strategy,
            max_payload_mb=max_payload_mb,
            max_concurrent_transforms=max_concurrent_transforms,
            data_processing=data_processing,
            instance_type=instance_type.name,
            instance_count=instance_count,
            volume_key=volume_key,
            invocation_timeout=invocation_timeout,
            invocation_retries=invocation_retries,
            environment={} if environment is None else environment,
            tags=self._tags,
        )
        problems = self._problems("TransformJob")
        check_prefix(problems, "output_prefix", output_prefix)
        check_region(problems, self, "output_bucket", output_bucket)
        check_region(problems, self, "input", input.bucket)
        check_key_regions(problems, self, output_key=output_key, volume_key=volume_key)
        check_transform(problems, self._definition, instance_type)
        if isinstance(model, Model) and model.container.algorithm is not None:
            check_answers(problems, self._definition, model.container.algorithm)
        model_role = model.role if model_role is None else model_role
        if model_role is None:
            problems.add("model_role", "is needed, because the model is not declared here; give its role.")
            raise problems.error()
        problems.raise_any()
        self._allow(model_role)
        self._realize(
            create_transform_job_request(self._definition),
            needs=JobNeeds(results=(output_bucket, f"{self._output_prefix}/"), volume_key=volume_key),
            requires=[model_role, *input.requires],
        )

    @property
    def transform_job_name(self) -> str:
        """The name of the job that the deployment runs."""
        return self._result("TransformJobName", "transform_job_name", "TransformJobName")

    @property
    def transform_job_arn(self) -> str:
        """The ARN of the job that the deployment runs."""
        return self._result("TransformJobArn", "transform_job_arn", "TransformJobArn")

    @property
    def output_uri(self) -> str:
        """The S3 URI below which the results are."""
        return self._result("S3OutputPath", "output_uri", "TransformOutput.S3OutputPath")

    def output(self) -> TrainingInput:
        """The results, as what another job reads; it runs anew when this one has.

        Raises:
            InvalidProps: The job does not run when the stack is deployed.
        """
        return TrainingInput(
            bucket=self._output_bucket,
            prefix=f"{self._output_prefix}/",
            content_type=self._definition.accept,
            requires=self._dependables,
            key=self._definition.output_key,
            uri=f"{self.output_uri}/",
        )

    def step_arguments(self, run: str) -> dict[str, Any]:
        """The request, in which the output goes below the run, so that no run writes over another's."""
        output = self.request["TransformOutput"]
        return {**self.request, "TransformOutput": {**output, "S3OutputPath": f"{output['S3OutputPath']}/{run}"}}

    def grant_read_output(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to read the results."""
        return permissions.grant_read(
            grantee, self._output_bucket, f"{self._output_prefix}/*", self._definition.output_key
        )

    def _allow(self, role: iam.IRole) -> None:
        definition = self._definition
        permissions.allow_read(role, definition.input.bucket, definition.input.prefix, definition.input.key)
        permissions.allow_write(role, self._output_bucket, f"{self._output_prefix}/")
        if definition.output_key is not None:
            permissions.allow_output_key(role, definition.output_key)
        if definition.volume_key is not None:
            permissions.allow_volume_key(role, definition.volume_key)
        permissions.allow_telemetry(role, TRANSFORM.log_group)
