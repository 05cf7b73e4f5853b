"""A CloudFormation template, read for Pulumi."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from .errors import NotExpressible, Place
from .intrinsic import Intrinsic, sub_names

_METADATA: Final = "AWS::CDK::Metadata"
_BOOTSTRAP_PARAMETER: Final = "BootstrapVersion"
_BOOTSTRAP_RULE: Final = "CheckBootstrapVersion"
_LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"
_KEPT: Final = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class TemplateResource:
    """A resource of a template.

    Attributes:
        logical_id: Its name in the template.
        type: CloudFormation's: `AWS::SageMaker::Model`.
        properties: As the template has them, intrinsics included.
        depends_on: The logical ids that its attribute `DependsOn` names.
        condition: The condition on which it is there.
        retained: Whether it stays when it is removed from the stack or replaced. Pulumi tells these two not apart, so
            that either of `DeletionPolicy` and `UpdateReplacePolicy` keeps it: nothing is lost that the template keeps.
        metadata: As the template has it.
    """

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    condition: str | None = None
    retained: bool = False
    metadata: Mapping[str, Any] | None = None

    @property
    def place(self) -> Place:
        """For messages."""
        return Place(f"resource '{self.logical_id}' ({self.type})")

    @property
    def is_custom(self) -> bool:
        """Whether a function of the user makes it."""
        return self.type.startswith("Custom::") or self.type == "AWS::CloudFormation::CustomResource"


@dataclass(frozen=True)
class Template:
    """A template without what only CloudFormation's own bootstrapping needs.

    Attributes:
        name: The stack's.
        resources: By logical id, each after those that it needs.
        parameters: By name, as the template has them.
        mappings: By name.
        conditions: By name.
        outputs: By logical id, as the template has them.
    """

    name: str
    resources: Mapping[str, TemplateResource]
    parameters: Mapping[str, Mapping[str, Any]]
    mappings: Mapping[str, Mapping[str, Mapping[str, Any]]]
    conditions: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, name: str, content: Mapping[str, Any]) -> "Template":
        """Reads a template.

        Raises:
            NotExpressible: It has a section or an attribute of a resource that Pulumi has nothing like; or its
                resources need each other in a circle.
        """
        _check_sections(name, content)
        resources = {
            logical_id: _resource(logical_id, declared)
            for logical_id, declared in content.get("Resources", {}).items()
            if declared["Type"] != _METADATA
        }
        parameters = content.get("Parameters", {})
        return cls(
            name,
            _in_order(name, resources),
            {each: declared for each, declared in parameters.items() if each != _BOOTSTRAP_PARAMETER},
            content.get("Mappings", {}),
            content.get("Conditions", {}),
            content.get("Outputs", {}),
        )


def _check_sections(name: str, content: Mapping[str, Any]) -> None:
    place = Place(f"stack '{name}'")
    transforms = content.get("Transform", [])
    for transform in [transforms] if isinstance(transforms, str) else transforms:
        if transform != _LANGUAGE_EXTENSIONS:
            problem = f"CloudFormation's macro {transform!r} runs in CloudFormation alone. Declare what it expands to."
            raise NotExpressible(place.at("Transform"), problem)
    for rule in content.get("Rules", {}):
        if rule != _BOOTSTRAP_RULE:
            problem = "CloudFormation's rules have no like in Pulumi. Check the inputs in the program that gives them."
            raise NotExpressible(place.at("Rules").at(rule), problem)


def _resource(logical_id: str, declared: Mapping[str, Any]) -> TemplateResource:
    needed = declared.get("DependsOn", [])
    resource = TemplateResource(
        logical_id,
        declared["Type"],
        declared.get("Properties", {}),
        (needed,) if isinstance(needed, str) else tuple(needed),
        declared.get("Condition"),
        any(declared.get(policy) in _KEPT for policy in ("DeletionPolicy", "UpdateReplacePolicy")),
        declared.get("Metadata"),
    )
    for attribute in ("CreationPolicy", "UpdatePolicy"):
        if attribute in declared:
            problem = "Pulumi's providers do not wait for signals or roll groups over. Leave the attribute out."
            raise NotExpressible(resource.place.at(attribute), problem)
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        if declared.get(attribute) == "Snapshot":
            problem = "Pulumi makes no snapshot of what it deletes. Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY."
            raise NotExpressible(resource.place.at(attribute), problem)
    return resource


def _in_order(name: str, resources: Mapping[str, TemplateResource]) -> dict[str, TemplateResource]:
    graph = {
        logical_id: {each for each in (*resource.depends_on, *names_in(resource.properties)) if each in resources}
        for logical_id, resource in resources.items()
    }
    try:
        return {logical_id: resources[logical_id] for logical_id in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise NotExpressible(Place(f"stack '{name}'"), f"Circular dependency between resources: {circle}") from error


def names_in(value: Any) -> Iterator[str]:
    """The logical ids that a value names by Ref, Fn::GetAtt and Fn::Sub."""
    match Intrinsic.of(value):
        case Intrinsic("Ref", str() as name):
            yield name
        case Intrinsic("Fn::GetAtt", [str() as name, *_]):
            yield name
        case Intrinsic("Fn::GetAtt", str() as dotted):
            yield dotted.partition(".")[0]
        case Intrinsic("Fn::Sub", argument):
            pattern, values = argument if isinstance(argument, list) else (argument, {})
            yield from (each.partition(".")[0] for each in sub_names(pattern) if each not in values)
            yield from names_in(values)
        case _:
            children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            for child in children:
                yield from names_in(child)
