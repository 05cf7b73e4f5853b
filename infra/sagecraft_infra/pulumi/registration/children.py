"""What a resource of a template has become in Pulumi, and what others may ask of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pulumi
from pulumi import _types as metadata  # the SDK's reader of the classes' names and types; it has no public one

from sagecraft_infra.pulumi.provider.types import ProviderType, output_names, output_property
from sagecraft_infra.pulumi.template.errors import NotExpressible, Place, listed

REF_PROPERTIES: Final[Mapping[str, str]] = {
    # Types of which Ref yields something else than Cloud Control's primary identifier, as the page of each type in
    # CloudFormation's template reference says under "Return values".
    "AWS::ApiGateway::Deployment": "deploymentId",
    "AWS::ApiGateway::Resource": "resourceId",
    "AWS::ApiGateway::Stage": "stageName",
    "AWS::ApiGatewayV2::Integration": "integrationId",
    "AWS::ApiGatewayV2::Route": "routeId",
    "AWS::ApiGatewayV2::Stage": "stageName",
    "AWS::Cognito::UserPoolClient": "clientId",
    "AWS::ECS::Service": "serviceArn",
    "AWS::Events::Rule": "name",
    "AWS::Logs::LogStream": "logStreamName",
    "AWS::Logs::MetricFilter": "filterName",
    "AWS::Logs::SubscriptionFilter": "filterName",
}
JOINED_REFS: Final = frozenset({"AWS::ApplicationAutoScaling::ScalableTarget"})
"""Types of which Ref yields the parts of the primary identifier with `|` between them, as Pulumi's `id` does."""


class Child(Protocol):
    """A resource of the template in Pulumi."""

    @property
    def resources(self) -> Sequence[pulumi.Resource]:
        """What was registered for it, for `depends_on`."""

    def ref(self, place: Place) -> Any:
        """What `Ref` yields."""

    def attribute(self, name: str, place: Place) -> Any:
        """What `Fn::GetAtt` yields."""


@dataclass(frozen=True)
class ProviderChild:
    """A resource of a provider.

    Attributes:
        logical_id: Its name in the template.
        type: CloudFormation's.
        resource: As it was registered.
        provider_type: Its type there.
        ref_property: The output that Ref yields, where that is not the identifier.
        attributes: The outputs whose names the provider has changed, by CloudFormation's.
    """

    logical_id: str
    type: str
    resource: pulumi.CustomResource
    provider_type: ProviderType
    ref_property: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def resources(self) -> Sequence[pulumi.Resource]:
        """What was registered for it, for `depends_on`."""
        return (self.resource,)

    def ref(self, place: Place) -> Any:
        """What `Ref` yields."""
        if self.ref_property is not None:
            return self._output(self.ref_property, place)
        if len(self.provider_type.identifier) != 1 and self.type not in JOINED_REFS:
            parts = listed(self.provider_type.identifier) or "parts that the provider's package does not tell"
            problem = (
                f"Ref of {self.logical_id!r} ({self.type}) cannot be expressed: the provider identifies it by "
                f"{parts}. Use Fn::GetAtt (attr_… of the L1 construct) instead."
            )
            raise NotExpressible(place, problem)
        return self.resource.id

    def attribute(self, name: str, place: Place) -> Any:
        """What `Fn::GetAtt` yields."""
        return self._output(self.attributes.get(name, name), place)

    def _output(self, name: str, place: Place) -> Any:
        # CloudFormation's dots lead into objects, unless the provider has made one name of them.
        whole = output_property(self.provider_type.resource, name)
        steps = [name] if whole is not None else name.split(".")
        owner: type = self.provider_type.resource
        value: Any = self.resource
        for step in steps:
            found = output_property(owner, step) if metadata.is_output_type(owner) or owner is not dict else None
            if found is None:
                problem = (
                    f"{self.logical_id!r} ({self.type}) has no attribute {name!r} in Pulumi. "
                    f"It has: {listed(output_names(self.provider_type.resource))}."
                )
                raise NotExpressible(place, problem)
            value = _member(value, found.python_name, found.name)
            owner = found.hint if isinstance(found.hint, type) else dict
        return value


def _member(value: Any, python_name: str, name: str) -> Any:
    if isinstance(value, pulumi.Resource):
        return getattr(value, python_name)
    return value.apply(lambda known: known.get(name) if type(known) is dict else getattr(known, python_name))


@dataclass(frozen=True)
class CustomChild:
    """A custom resource, made by a function of the user.

    Attributes:
        logical_id: Its name in the template.
        type: CloudFormation's.
        resource: The `CustomResourceEmulator` of it.
    """

    logical_id: str
    type: str
    resource: pulumi.CustomResource

    @property
    def resources(self) -> Sequence[pulumi.Resource]:
        """What was registered for it, for `depends_on`."""
        return (self.resource,)

    def ref(self, place: Place) -> Any:  # noqa: ARG002 - the place is for refusals, and this is never refused
        """What `Ref` yields."""
        return getattr(self.resource, "physical_resource_id")  # noqa: B009 - the package's classes are not typed here

    def attribute(self, name: str, place: Place) -> Any:
        """What `Fn::GetAtt` yields."""

        def found(data: Mapping[str, Any] | None) -> Any:
            if data is None or name not in data:
                problem = (
                    f"the function of {self.logical_id!r} ({self.type}) answered without {name!r}. It answered: "
                    f"{listed(list(data or ())) or 'nothing'}."
                )
                raise NotExpressible(place, problem)
            return data[name]

        return getattr(self.resource, "data").apply(found)  # noqa: B009 - as above


@dataclass(frozen=True)
class InlinePolicies:
    """What CloudFormation declares at once, and providers for each user, role, group or queue.

    Attributes:
        logical_id: Its name in the template.
        type: CloudFormation's.
        resources: One for each.
        name: What Ref yields, where it yields a name that the template gives.
    """

    logical_id: str
    type: str
    resources: Sequence[pulumi.Resource]
    name: Any = None

    def ref(self, place: Place) -> Any:
        """What `Ref` yields."""
        if self.name is None:
            raise NotExpressible(place, f"Ref of {self.logical_id!r} ({self.type}) has nothing like it in Pulumi.")
        return self.name

    def attribute(self, name: str, place: Place) -> Any:
        """What `Fn::GetAtt` yields."""
        raise NotExpressible(place, f"{self.logical_id!r} ({self.type}) has no attribute {name!r} in Pulumi.")


@dataclass(frozen=True)
class NestedStackChild:
    """A nested stack.

    Attributes:
        logical_id: Its name in the template.
        component: The component that holds its resources.
        outputs: Its outputs.
        stack_id: Stands for its id.
    """

    logical_id: str
    component: pulumi.ComponentResource
    outputs: Mapping[str, Any]
    stack_id: Any

    @property
    def resources(self) -> Sequence[pulumi.Resource]:
        """What was registered for it, for `depends_on`."""
        return (self.component,)

    def ref(self, place: Place) -> Any:  # noqa: ARG002 - the place is for refusals, and this is never refused
        """What `Ref` yields."""
        return self.stack_id

    def attribute(self, name: str, place: Place) -> Any:
        """What `Fn::GetAtt` yields."""
        output = name.removeprefix("Outputs.")
        if output not in self.outputs:
            problem = f"the nested stack {self.logical_id!r} has no output {output!r}; it has: "
            raise NotExpressible(place, f"{problem}{listed(list(self.outputs)) or 'none'}.")
        return self.outputs[output]
