"""A pipeline."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import ArnFormat, Duration, Names, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_catalog import check_name

from sagecraft_constructs import permissions
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_number
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.permissions.execution_role import ExecutionRole, execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .definition import define
from .event import EventTrigger, failure_rule
from .parameter import Parameter, ParameterValue
from .steps.job_step import as_steps
from .steps.step import Step

_LONGEST_NAME: Final = 256
_METRICS: Final = "AWS/Sagemaker/ModelBuildingPipeline"
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"""


class PipelineBase(Construct):
    """A pipeline, declared here or existing.

    Attributes:
        pipeline_name: Its name.
        pipeline_arn: Its ARN.
        parameters: What a run may be started with, by name; `None` where that is not known.
    """

    pipeline_name: str
    pipeline_arn: str
    parameters: Mapping[str, Parameter] | None = None

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to start a run, and to look at how it goes."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "sagemaker:DescribePipeline",
                "sagemaker:DescribePipelineExecution",
                "sagemaker:ListPipelineExecutionSteps",
                "sagemaker:StartPipelineExecution",
            ],
            resource_arns=[self.pipeline_arn, f"{self.pipeline_arn}/execution/*"],
        )

    def metric(self, name: str, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """A metric of all its runs, such as `ExecutionFailed`, `ExecutionSucceeded` or `ExecutionDuration`.

        Args:
            name: The metric's.
            statistic: Left out, the sum.
            period: Left out, five minutes.
        """
        return cloudwatch.Metric(
            namespace=_METRICS,
            metric_name=name,
            dimensions_map={"PipelineName": self.pipeline_name},
            statistic=statistic,
            period=Duration.minutes(5) if period is None else period,
        )

    def start_parameters(self, given: Mapping[str, ParameterValue]) -> list[dict[str, str]]:
        """The parameters of a run that nobody is there to give values to, as the API takes them.

        Raises:
            InvalidProps: The pipeline has no such parameter, it takes no such value, or one that has no default is
                missing.
        """
        Problems(f"Pipeline '{self.node.path}'").require_known(parameters=given)
        if self.parameters is None:
            return [{"Name": name, "Value": str(value)} for name, value in given.items()]
        problems = Problems(f"Pipeline '{self.node.path}'")
        values = []
        for name, value in given.items():
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                problems.add("parameters", f"there is no parameter '{name}' that a step uses. There are {known}.")
                continue
            with problems.noting("parameters"):
                values.append({"Name": name, "Value": self.parameters[name].as_text(value)})
        for name, parameter in self.parameters.items():
            if parameter.default is None and name not in given:
                problems.add("parameters", f"'{name}' has no default, so it needs a value; give one here or there.")
        problems.raise_any()
        return values


class _ImportedPipeline(PipelineBase):
    def __init__(self, scope: Construct, id: str, name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.pipeline_name = name
        self.pipeline_arn = _pipeline_arn(self, name)


class Pipeline(PipelineBase):
    """Jobs and other steps that run one after the other, of any length: each when what it uses results of is done.

    A step is a job with `realization=JobRealization.PIPELINE_STEP`, or one of the other classes of steps. Which waits
    for which follows from what they use of each other; its parameters are those that its steps use. A changed
    definition holds for the next run; deploying starts none. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html

    Attributes:
        role: The execution role, which may do what the steps need, and nothing else.
        steps: All of them, those in the branches of others too.
        definition: As AWS has it, with the CDK's tokens in it.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        steps: Sequence[Step | Job],
        pipeline_name: str | None = None,
        display_name: str | None = None,
        description: str | None = None,
        max_parallel_steps: int | None = None,
        failure_topic: sns.ITopic | None = None,
        role: iam.IRole | None = None,
    ) -> None:
        """Declares the pipeline.

        Args:
            scope: Where it stands.
            id: Its name there.
            steps: In any order. Those of a `ConditionStep` stand there.
            pipeline_name: Left out, made from where the construct stands.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.
            max_parallel_steps: How many steps run at once at most. Left out, all that can.
            failure_topic: Is told of each run that fails. If it is encrypted, EventBridge must be allowed to use its
                key. Left out, nothing is.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the steps need.

        Raises:
            InvalidProps: With every problem: two steps of one name, steps that wait for each other in a circle, a
                result of a job that is no step, a definition that is too long, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "Pipeline")
        problems.require_known(steps=steps)
        self.pipeline_name = (
            Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-").lower()
            if pipeline_name is None
            else pipeline_name
        )
        for prop, name in (("pipeline_name", self.pipeline_name), ("display_name", display_name)):
            if name is not None and not is_token(name):
                with problems.noting(prop):
                    check_name("PipelineName", name)
        if not is_token(self.pipeline_name) and self.pipeline_name != self.pipeline_name.lower():
            problems.add(
                "pipeline_name",
                f"'{self.pipeline_name}' has capitals, which SageMaker drops in ARNs; use lower case.",
            )
        check_number(problems, "max_parallel_steps", max_parallel_steps, 1)
        definition = define(problems, as_steps(steps))
        self.definition = definition.document
        self.parameters = definition.parameters
        self.steps = tuple(definition.steps)
        self.role = (
            ExecutionRole(self, "Role", description=f"What the pipeline {self.node.path} may do itself")
            if role is None
            else execution_role(self, role)
        )
        for step in definition.steps:
            step.allow(self, self.role)
        for file in definition.property_files:
            output = file.job.output(file.output)
            permissions.allow_read(self.role, output.bucket, output.prefix, output.key)
        resource = sagemaker.CfnPipeline(
            self,
            "Resource",
            pipeline_name=self.pipeline_name,
            pipeline_display_name=display_name,
            pipeline_description=description,
            pipeline_definition={"PipelineDefinitionBody": Stack.of(self).to_json_string(definition.document)},
            parallelism_configuration=None
            if max_parallel_steps is None
            else {"MaxParallelExecutionSteps": max_parallel_steps},
            role_arn=self.role.role_arn,
        )
        # Whoever starts it as soon as it is there needs its role's policy, and what its jobs read.
        resource.node.add_dependency(self.role, *dict.fromkeys(each for step in self.steps for each in step.requires))
        self.pipeline_arn = _pipeline_arn(self, resource.ref)
        if failure_topic is not None:
            failure_rule(self, self.pipeline_arn, failure_topic)

    def start_on(self, id: str, event: EventTrigger, *, parameters: Mapping[str, ParameterValue] | None = None) -> None:  # noqa: A002 - the CDK's word for it
        """Starts a run whenever something happens.

        Args:
            id: The name of the rule below the pipeline.
            event: Such as `EventTrigger.new_object(bucket, prefix="data/")`.
            parameters: Of the run. Left out, their defaults.

        Raises:
            InvalidProps: As `start_parameters` does.
        """
        event.start(self, id, self.pipeline_arn, self.start_parameters({} if parameters is None else parameters))

    @staticmethod
    @check_props
    def from_pipeline_name(scope: Construct, id: str, pipeline_name: str) -> PipelineBase:  # noqa: A002 - the CDK's word for it
        """A pipeline that exists in the account and region of the stack."""
        return _ImportedPipeline(scope, id, pipeline_name)


def _pipeline_arn(scope: Construct, name: str) -> str:
    return Stack.of(scope).format_arn(
        service="sagemaker", resource="pipeline", resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
