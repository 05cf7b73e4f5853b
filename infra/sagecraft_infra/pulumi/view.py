"""What of a construct other components and the program see: Outputs, and what can be passed on."""

import dataclasses
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import sagecraft_constructs as constructs
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_constructs.tokens import is_token

from ..errors import UserError
from .existing import Existing

if TYPE_CHECKING:
    from .component import CdkComponent

PASSED_ON: Final = (constructs.BestCandidate, constructs.ModelData, constructs.TrainingInput)
"""What methods of constructs return that other constructs take."""


@dataclass(frozen=True)
class _Import:
    """How the CDK takes what another stack has declared.

    Attributes:
        function: Takes scope and id first.
        attributes: Its arguments, which are attributes of the construct too; the first tells the kind of construct.
    """

    function: Callable[..., Any]
    attributes: tuple[str, ...]


_IMPORTS: Final = (
    _Import(s3.Bucket.from_bucket_attributes, ("bucket_name", "encryption_key")),
    _Import(iam.Role.from_role_arn, ("role_arn",)),
    _Import(kms.Key.from_key_arn, ("key_arn",)),
    _Import(sns.Topic.from_topic_arn, ("topic_arn",)),
    _Import(constructs.Model.from_model_name, ("model_name",)),
    _Import(constructs.EndpointConfig.from_endpoint_config_name, ("endpoint_config_name",)),
    _Import(constructs.Endpoint.from_endpoint_name, ("endpoint_name",)),
    _Import(constructs.LifecycleConfig.from_lifecycle_config_name, ("lifecycle_config_name", "stops_instance")),
    _Import(constructs.NotebookInstance.from_notebook_instance_name, ("notebook_instance_name",)),
    _Import(constructs.StudioDomain.from_domain_id, ("domain_id",)),
    _Import(constructs.UserProfile.from_user_profile_name, ("user_profile_name", "domain")),
    _Import(constructs.Space.from_space_name, ("space_name", "domain")),
    _Import(
        constructs.StudioLifecycleConfig.from_studio_lifecycle_config_name, ("studio_lifecycle_config_name", "app_type")
    ),
    _Import(
        constructs.StudioImage.from_image_attributes,
        ("image_name", "app_image_config_name", "image_version_number", "app_type"),
    ),
    _Import(constructs.TrainingJob.from_training_job_name, ("training_job_name",)),
)


class ConstructView:
    """A construct of a component, its attributes as Outputs.

    Other components take it: they import by its name or ARN what it has declared, as stacks of the CDK do.

    Args:
        component: What the construct belongs to.
        construct: The construct.
    """

    def __init__(self, component: "CdkComponent", construct: Any) -> None:
        self._component = component
        self._construct = construct

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if not hasattr(self._construct, name):
            raise AttributeError(f"'{type(self._construct).__name__}' has no attribute {name!r}")
        value = getattr(self._construct, name)
        if inspect.ismethod(value):
            return self._method(name, value)
        return self._attribute(value)

    def existing(self) -> Existing:
        """How the stack of another component takes the construct.

        Raises:
            UserError: The CDK has no way to.
        """
        for each in _IMPORTS:
            if hasattr(self._construct, each.attributes[0]):
                arguments = {name: self._argument(getattr(self._construct, name)) for name in each.attributes}
                return Existing(each.function, arguments)
        kind = type(self._construct).__name__
        raise UserError(
            f"The {kind} of the component {self._component.pulumi_resource_name!r} cannot be given to another one: the "
            f"CDK cannot import a {kind}. Give what the other needs of it, or declare both in one CdkComponent."
        )

    def _attribute(self, value: Any) -> Any:
        """An attribute as a program sees it."""
        if value is None or isinstance(value, PASSED_ON):
            return self._argument(value)
        if _is_construct(value):
            return ConstructView(self._component, value)
        return self._output(value)

    def _argument(self, value: Any) -> Any:
        """A part of what is passed on to other components."""
        if isinstance(value, str | int | float):
            return self._output(value) if is_token(value) else value
        if _is_construct(value):
            return ConstructView(self._component, value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            parts = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
            # What stands in another stack cannot be waited for there: the component waits for the whole component.
            requires = {"requires": (self._component,)} if parts.get("requires") else {}
            changed = {name: self._argument(part) for name, part in parts.items() if name != "requires"}
            return dataclasses.replace(value, **changed, **requires)
        return value

    def _output(self, value: Any) -> pulumi.Output[Any] | Any:
        stack = Stack.of(self._construct)
        return self._component.resolved(stack.stack_name, stack.resolve(value))

    def _method(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        if not is_offered(method):
            raise AttributeError(
                f"{name!r} would change what Pulumi has been told of already. Declare the construct and what is done "
                "to it in one CdkComponent."
            )

        def called(*arguments: Any, **named: Any) -> Any:
            return self._attribute(method(*arguments, **named))

        return called


def is_offered(method: Callable[..., Any]) -> bool:
    """Whether a component has this method of its construct: one of ours that yields text or what others take."""
    if not method.__module__.startswith("sagecraft_constructs") or not hasattr(method, "__annotations__"):
        return False
    return typing.get_type_hints(method).get("return") in (str, *PASSED_ON)


def _is_construct(value: Any) -> bool:
    return isinstance(value, Construct) or hasattr(type(value), "__jsii_type__") or hasattr(value, "node")
