"""The custom resource provider that runs the jobs of a stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import ArnFormat, Duration, IgnoreMode, RemovalPolicy, Stack, custom_resources
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from sagecraft_constructs import permissions
from sagecraft_constructs.permissions.nag import acknowledge, acknowledge_managed_policy, acknowledge_resource

from .kind import JobKind

_ID: Final = "SagecraftJobs"
_POLL_SECONDS: Final = 3
# The longest that CloudFormation waits for a custom resource is an hour; it must divide by the poll interval.
_TOTAL_MINUTES: Final = 59


@dataclass(frozen=True, kw_only=True)
class JobNeeds:
    """What the provider has to be allowed for a job, besides beginning, asking about and stopping it.

    Attributes:
        role: It is handed to SageMaker. Left out, SageMaker takes a role that it has already.
        results: Where those of earlier jobs may still exist: a bucket, and what their keys begin with. Left out, the
            job leaves none.
        begun: The kind of the jobs that the job begins under its own name. Left out, it begins none.
        volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
    """

    role: iam.IRole | None = None
    results: tuple[s3.IBucket, str] | None = None
    begun: JobKind | None = None
    volume_key: kms.IKey | None = None


class JobProvider(Construct):
    """The functions that begin, await and stop jobs of every kind; one for each stack.

    They may do so to jobs of the kinds and below the name prefixes that were allowed, and whatever else those need.
    """

    @classmethod
    def of(cls, scope: Construct) -> "JobProvider":
        """The provider of the stack that `scope` stands in, made when first asked for."""
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(_ID)
        return existing if isinstance(existing, cls) else cls(stack, _ID)

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        code = lambda_.Code.from_asset(
            str(Path(__file__).parents[1]),
            exclude=["*", "!handlers", "!handlers/*.py"],
            ignore_mode=IgnoreMode.GIT,
        )
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log = logs.LogGroup(self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY)
        functions = [
            lambda_.Function(
                self,
                id_,
                description=description,
                runtime=lambda_.Runtime.PYTHON_3_14,
                handler=f"handlers.job.{handler}",
                code=code,
                role=self._role.without_policy_updates(),
                timeout=Duration.minutes(2),
                log_group=log,
            )
            for id_, handler, description in (
                ("OnEvent", "on_event", "Begins and stops the jobs of this stack"),
                ("IsComplete", "is_complete", "Asks whether the jobs of this stack have ended"),
            )
        ]
        self._allow(["logs:CreateLogStream", "logs:PutLogEvents"], log.log_group_arn)
        provider = custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=functions[0],
            is_complete_handler=functions[1],
            query_interval=Duration.seconds(_POLL_SECONDS),
            total_timeout=Duration.minutes(_TOTAL_MINUTES),
            log_group=log,
        )
        self.service_token = provider.service_token
        self._acknowledge_framework(provider, functions)

    @property
    def permissions(self) -> IDependable:
        """What a job has to wait for: the role and its policy."""
        return self._role

    def allow(self, kind: JobKind, name_prefix: str, needs: JobNeeds) -> None:
        """Allows to run the jobs of a kind whose names begin with a prefix."""
        name = kind.name
        actions = ["AddTags", f"Create{name}", "DeleteTags", f"Describe{name}", f"Stop{name}"]
        self._allow_jobs(actions, kind, name_prefix)
        if needs.role is not None:
            to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
            self._allow(["iam:PassRole"], needs.role.role_arn, to_sagemaker)
        if needs.results is not None:
            bucket, prefix = needs.results
            self._allow(["s3:ListBucket"], bucket.bucket_arn, {"StringLike": {"s3:prefix": [f"{prefix}*"]}})
        if needs.begun is not None:
            self._allow_jobs([f"Describe{needs.begun.name}"], needs.begun, name_prefix)
        if needs.volume_key is not None:
            permissions.allow_volume_key_of_work(self._role, needs.volume_key)

    def _allow_jobs(self, actions: list[str], kind: JobKind, name_prefix: str) -> None:
        arn = Stack.of(self).format_arn(
            service="sagemaker",
            resource=kind.arn_type,
            resource_name=f"{name_prefix}-*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self._allow([f"sagemaker:{action}" for action in actions], arn)
        acknowledge_resource(
            self, arn, "The name of a job ends with a hash of its definition, known only at deployment."
        )

    def _allow(
        self, actions: list[str], resource: str, conditions: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        self._role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions))

    def _acknowledge_framework(self, provider: custom_resources.Provider, functions: list[lambda_.Function]) -> None:
        """What the CDK's provider framework makes has the CDK's own runtime and permissions."""
        acknowledge(
            provider,
            "L1",
            reason="The functions are the CDK's own, which runs and tests them on the Node.js they name.",
        )
        acknowledge_managed_policy(
            provider,
            "service-role/AWSLambdaBasicExecutionRole",
            "The functions are the CDK's own; the managed policy allows them to write their logs, and nothing else.",
        )
        called = [
            *functions,
            *(provider.node.find_child(id_) for id_ in ("framework-isComplete", "framework-onTimeout")),
        ]
        for function in called:
            if not isinstance(function, lambda_.Function):
                raise TypeError(f"the provider framework's {function.node.path} is no function")
            acknowledge_resource(
                provider, f"{function.function_arn}:*", "The framework calls whichever version of the one function."
            )
        acknowledge(
            provider,
            "SF1",
            "SF2",
            reason="The state machine does nothing but repeat a poll, whose every call logs in its function.",
        )
