"""Functions behind the custom resources of a stack."""

from pathlib import Path
from typing import ClassVar, Final, Self

from aws_cdk import Duration, IgnoreMode, RemovalPolicy, custom_resources
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from .asked import stack_of
from .permissions.nag import acknowledge, acknowledge_managed_policy, acknowledge_resource
from .permissions.policy import Conditions, allow

_POLL_SECONDS: Final = 3
# The longest that CloudFormation waits for a custom resource is an hour; it must divide by the poll interval.
_TOTAL_MINUTES: Final = 59


def handler_code() -> lambda_.Code:
    """The functions of `handlers/`, as what is deployed of them."""
    return lambda_.Code.from_asset(
        str(Path(__file__).parent),
        exclude=["*", "!handlers", "!handlers/*.py", "!handlers/registry", "!handlers/registry/*.py"],
        ignore_mode=IgnoreMode.GIT,
    )


class FunctionProvider(Construct):
    """Two functions of `handlers/`, one that begins and one that is asked whether it is done; one pair for each stack.

    They may do what is allowed to them, and nothing to begin with.

    Attributes:
        service_token: What a custom resource refers to.
    """

    construct_id: ClassVar[str]
    """Its name in the stack."""
    handler_module: ClassVar[str]
    """The module of `handlers/` that has `on_event` and `is_complete`."""
    begins: ClassVar[str]
    """What `on_event` does, for its description."""
    asks: ClassVar[str]
    """What `is_complete` does, likewise."""

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """The provider of the stack that `scope` stands in, made when first asked for."""
        stack = stack_of(scope)
        existing = stack.node.try_find_child(cls.construct_id)
        return existing if isinstance(existing, cls) else cls(stack, cls.construct_id)

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        code = handler_code()
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log = logs.LogGroup(self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY)
        functions = [
            lambda_.Function(
                self,
                id_,
                description=description,
                runtime=lambda_.Runtime.PYTHON_3_14,
                handler=f"handlers.{self.handler_module}.{handler}",
                code=code,
                role=self._role.without_policy_updates(),
                timeout=Duration.minutes(2),
                log_group=log,
            )
            for id_, handler, description in (
                ("OnEvent", "on_event", self.begins),
                ("IsComplete", "is_complete", self.asks),
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
        """What a custom resource has to wait for: the role and its policy."""
        return self._role

    def _allow(self, actions: list[str], resource: str, conditions: Conditions | None = None) -> None:
        allow(self._role, actions, [resource], conditions)

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
