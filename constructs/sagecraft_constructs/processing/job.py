"""A processing job."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import join_key

from sagecraft_constructs import permissions
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.dataset import Dataset
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.place import check_key_regions, check_prefix, check_region
from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.handlers.name import output_attribute
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.needs import JobNeeds
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props

from .checks import CODE_INPUT, check_data, check_machines, check_program
from .input import ProcessingInput
from .kind import PROCESSING
from .output import ProcessingOutput
from .request import ProcessingJobDefinition, create_processing_job_request


class ProcessingJob(Job):
    """A SageMaker processing job, run by CloudFormation as it creates the stack, or as `realization` says.

    It runs a program on data: to prepare, to evaluate, to report. Where the deployment runs it, the outputs go below
    the name of the job, and as a step of a `Pipeline` below the id of its execution, so no run writes over another's; a
    run by hand leaves them right below the prefix. What stands at `TrainingJob` about names, changes, failures and tags
    holds here too.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html

    Attributes:
        role: The execution role.
        name_prefix: What the name of the job begins with.
        request: What SageMaker is asked for, without the name: the `Arguments` of a step of a pipeline.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        container: TrainingContainer,
        output_bucket: s3.IBucket,
        script: str | Path | None = None,
        entry_point: Sequence[str] = (),
        arguments: Sequence[str] = (),
        inputs: Mapping[str, ProcessingInput] | None = None,
        outputs: Mapping[str, ProcessingOutput] | None = None,
        output_prefix: str = "processing",
        output_key: kms.IKey | None = None,
        instance_type: InstanceType | None = None,
        instance_count: int = 1,
        volume_gib: int = 30,
        volume_key: kms.IKey | None = None,
        max_runtime: Duration | None = None,
        network_isolation: bool = True,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        environment: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        name_prefix: str | None = None,
        realization: JobRealization = JobRealization.DEPLOY,
    ) -> None:
        """Declares the job.

        Args:
            scope: Where it stands.
            id: Its name there.
            container: What runs, such as `AlgorithmImage(name="sklearn", version=…)`.
            output_bucket: Where the outputs go, and the script.
            script: A Python file of the project; it is uploaded, and run by the container's Python. Left out, the
                container runs its own program, or `entry_point`.
            entry_point: The command to run instead of the image's own. Left out, that is run.
            arguments: Of the program. Left out, there are none.
            inputs: What is read, by name. Left out, nothing.
            outputs: What is left, by name. Left out, nothing.
            output_prefix: What the keys of the outputs begin with; the name prefix, the name of the output and, where
                the deployment runs it, that of the job follow. Left out, `processing`.
            output_key: Encrypts the outputs. Left out, the bucket's default encryption does.
            instance_type: Left out, `ml.m5.large`.
            instance_count: Left out, one.
            volume_gib: The size of each instance's volume in GiB. Left out, 30.
            volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
            max_runtime: After which SageMaker stops the job, which then has failed; at most 45 minutes where the
                deployment runs it, because that waits for less than an hour, else nine days. Left out, half an hour.
            network_isolation: Cuts the container off from the network; its inputs and outputs go past it. Left out, it
                is.
            vpc: Where the job's network interfaces stand. Left out, the job runs outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the job in the VPC. Left out, one is made that allows nothing in.
            environment: Environment variables of the container. Left out, none are set.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the job needs.
            name_prefix: Lower case, at most 49 characters. Left out, made from where the construct stands.
            realization: How the job comes to run. Left out, the deployment runs it.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(scope, id, kind=PROCESSING, name_prefix=name_prefix, realization=realization)
        file = None if script is None else Path(script)
        inputs = {} if inputs is None else inputs
        self._outputs = {} if outputs is None else outputs
        self._output_bucket = output_bucket
        self._output_prefix = join_key(output_prefix, self.name_prefix)
        instance_type = InstanceType.M5_LARGE if instance_type is None else instance_type
        max_runtime = Duration.minutes(30) if max_runtime is None else max_runtime
        problems = self._problems("ProcessingJob")
        problems.require_known(script=script, inputs=inputs, outputs=self._outputs, environment=environment)
        check_prefix(problems, "output_prefix", output_prefix)
        check_region(problems, self, "output_bucket", output_bucket)
        check_key_regions(problems, self, output_key=output_key, volume_key=volume_key)
        check_machines(problems, instance_type, instance_count, volume_gib, max_runtime, realization)
        check_program(problems, file, entry_point, arguments)
        for each in inputs.values():
            check_region(problems, self, "inputs", each.source.bucket)
        check_data(problems, inputs, self._outputs, has_script=file is not None)
        problems.raise_any()
        if file is not None:
            code = ProcessingInput(source=Dataset(self, "Code", bucket=output_bucket, path=file).channel())
            inputs = {CODE_INPUT: code, **inputs}
            entry_point = ["python3", f"{code.path(CODE_INPUT)}/{file.name}"]
        image = container.bind(self, "training")
        self.role = execution_role(self, role)
        self._definition = ProcessingJobDefinition(
            image_uri=image.uri,
            role_arn=self.role.role_arn,
            entry_point=entry_point,
            arguments=arguments,
            inputs=inputs,
            outputs=self._outputs,
            output_uri=output_bucket.s3_url_for_object(self._output_prefix),
            output_key=output_key,
            instance_type=instance_type.name,
            instance_count=instance_count,
            volume_gib=volume_gib,
            volume_key=volume_key,
            max_runtime=max_runtime,
            network_isolation=network_isolation,
            network=Network.of(self, vpc, subnets, security_groups),
            environment={} if environment is None else environment,
            tags=self._tags,
        )
        self._allow(image.repository_arn)
        self._realize(
            create_processing_job_request(self._definition),
            needs=JobNeeds(
                role=self.role,
                results=(output_bucket, f"{self._output_prefix}/") if self._outputs else None,
                volume_key=volume_key,
            ),
            requires=[self.role, *(each for input_ in inputs.values() for each in input_.source.requires)],
        )

    @property
    def processing_job_name(self) -> str:
        """The name of the job that the deployment runs."""
        return self._result("ProcessingJobName", "processing_job_name", "ProcessingJobName")

    @property
    def processing_job_arn(self) -> str:
        """The ARN of the job that the deployment runs."""
        return self._result("ProcessingJobArn", "processing_job_arn", "ProcessingJobArn")

    @property
    def exit_message(self) -> str:
        """What the program left in `/opt/ml/output/message`; empty if it left nothing."""
        return self._result("ExitMessage", "exit_message", "ExitMessage")

    def output_uri(self, name: str) -> str:
        """The S3 URI below which an output is.

        Raises:
            InvalidProps: There is no such output, or the job does not run when the stack is deployed.
        """
        self._named(name)
        return self._result(
            output_attribute(name), "output_uri", f"ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri"
        )

    def output(self, name: str) -> TrainingInput:
        """An output, as what another job reads; that runs anew when this one has.

        Raises:
            InvalidProps: There is no such output, or the job does not run when the stack is deployed.
        """
        return TrainingInput(
            bucket=self._output_bucket,
            prefix=f"{self._output_prefix}/{name}/",
            content_type=self._named(name).content_type,
            requires=self._dependables,
            key=self._definition.output_key,
            uri=f"{self.output_uri(name)}/",
        )

    def step_arguments(self, run: str) -> dict[str, Any]:
        """The request, in which each output goes below the run, so that no run writes over another's."""
        config = self.request.get("ProcessingOutputConfig")
        if config is None:
            return self.request
        outputs = [
            {**each, "S3Output": {**each["S3Output"], "S3Uri": f"{each['S3Output']['S3Uri']}/{run}"}}
            for each in config["Outputs"]
        ]
        return {**self.request, "ProcessingOutputConfig": {**config, "Outputs": outputs}}

    def grant_read_outputs(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to read the outputs."""
        return permissions.grant_read(
            grantee, self._output_bucket, f"{self._output_prefix}/*", self._definition.output_key
        )

    def _named(self, name: str) -> ProcessingOutput:
        if name not in self._outputs:
            problem = f"output: there is no output '{name}'. There are {', '.join(self._outputs) or 'none'}."
            raise InvalidProps(f"ProcessingJob '{self.node.path}'", [problem])
        return self._outputs[name]

    def _allow(self, repository_arn: str) -> None:
        definition = self._definition
        for each in definition.inputs.values():
            permissions.allow_read(self.role, each.source.bucket, each.source.prefix, each.source.key)
        if definition.outputs:
            permissions.allow_write(self.role, self._output_bucket, f"{self._output_prefix}/")
        if definition.output_key is not None:
            permissions.allow_output_key(self.role, definition.output_key)
        if definition.volume_key is not None:
            permissions.allow_volume_key(self.role, definition.volume_key)
        if definition.network is not None:
            permissions.allow_network(self.role)
        permissions.allow_pull(self.role, repository_arn)
        permissions.allow_telemetry(self.role, PROCESSING.log_group)
