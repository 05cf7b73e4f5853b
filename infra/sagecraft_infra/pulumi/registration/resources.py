"""Tells Pulumi of the resources of a template."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi

from sagecraft_infra.pulumi.provider.asset_bucket import AssetBucket
from sagecraft_infra.pulumi.provider.classic import CLASSIC_TYPES, INLINE_POLICIES, Holder, renamed
from sagecraft_infra.pulumi.provider.types import ProviderType, classic_type, input_properties, native_type
from sagecraft_infra.pulumi.template.document import Template, TemplateResource
from sagecraft_infra.pulumi.template.errors import NotExpressible, Place, listed
from sagecraft_infra.pulumi.values.deferred import ABSENT, PerhapsAbsent, has_output, lift
from sagecraft_infra.pulumi.values.evaluation import evaluated, named_property, plain
from sagecraft_infra.pulumi.values.functions import TemplateFunctions
from sagecraft_infra.pulumi.values.parameters import Parameters
from sagecraft_infra.pulumi.values.pseudo_parameters import PseudoParameters
from sagecraft_infra.pulumi.values.shapes import shape

from .children import REF_PROPERTIES, Child, CustomChild, InlinePolicies, NestedStackChild, ProviderChild

_EMULATOR: Final = "AWS::CloudFormation::CustomResourceEmulator"
_NESTED: Final = "AWS::CloudFormation::Stack"
_LONGEST_NAME: Final = 48
"""The providers add a hyphen and seven characters to make a physical name; SageMaker allows 63 in all, IAM 64."""
_LOWER_CASE_TYPES: Final = frozenset({"AWS::S3::Bucket", "AWS::ECR::Repository"})
"""Types whose physical names have no capital letters, and are made of Pulumi's."""


@dataclass(frozen=True)
class Surroundings:
    """What the templates of one component share.

    Attributes:
        bucket: For assets and the answers of custom resources.
        options: Of each resource: what the user passes through.
        directory: Where the synthesized files lie.
        exports: What stacks of the component export so far, by name.
    """

    bucket: AssetBucket
    options: pulumi.ResourceOptions
    directory: Path
    exports: dict[str, Any]


class TemplateRegistration:
    """Registers the resources of a template, each after those that it needs.

    Args:
        prefix: What the names of the resources in Pulumi begin with.
        template: The template.
        parent: The component that they belong to.
        inputs: Values of the template's parameters.
        surroundings: What the component's templates share.
        account: Of the stack, where it names one.
        region: Of the stack, where it names one.

    Attributes:
        children: What the resources have become, by logical id.
        outputs: The template's outputs, by logical id.
    """

    def __init__(
        self,
        prefix: str,
        template: Template,
        parent: pulumi.Resource,
        inputs: Mapping[str, Any],
        surroundings: Surroundings,
        *,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        self._prefix = prefix
        self._surroundings = surroundings
        self._template = template
        self._parent = parent
        self.children: dict[str, Child] = {}
        pseudo = PseudoParameters(template.name, parent, account=account, region=region)
        self._functions = TemplateFunctions(
            template,
            Parameters(template, inputs, pseudo.invoke_options),
            pseudo,
            self.children,
            surroundings.bucket,
            surroundings.exports,
        )
        for resource in template.resources.values():
            if self._exists(resource):
                self.children[resource.logical_id] = self._registered(resource)
        self.outputs = self._outputs()

    def value(self, value: Any) -> Any:
        """A value in which functions of CloudFormation may stand; an Output where it is known only later."""
        return plain(value, Place(f"stack '{self._template.name}'"), self._functions)

    def _exists(self, resource: TemplateResource) -> bool:
        if resource.condition is None:
            return True
        place = resource.place.at("Condition")
        holds = self._functions.condition(resource.condition, place)
        if has_output(holds):
            problem = (
                f"whether the condition {resource.condition!r} holds turns out only while Pulumi deploys, too late to "
                "leave a resource out. Give its parameters plain values, or name account and region with env."
            )
            raise NotExpressible(place, problem)
        return bool(holds)

    def _registered(self, resource: TemplateResource) -> Child:
        if resource.is_custom:
            return self._custom(resource)
        if resource.type == _NESTED and "aws:asset:path" in (resource.metadata or {}):
            return self._nested(resource)
        if resource.type in INLINE_POLICIES:
            return self._inline_policies(resource, INLINE_POLICIES[resource.type])
        if resource.type in CLASSIC_TYPES:
            classic = CLASSIC_TYPES[resource.type]
            provider_type = classic_type(classic.service, classic.noun)
            pulumi_resource = self._resource(resource, provider_type, renamed(resource.properties, classic))
            attributes = classic.attributes
            return ProviderChild(resource.logical_id, resource.type, pulumi_resource, provider_type, None, attributes)
        known = native_type(resource.type)
        if known is None:
            problem = (
                "the type is neither in the provider aws-native nor among those that are made with aws: "
                f"{listed([*CLASSIC_TYPES, *INLINE_POLICIES])}. Make it with Pulumi, and give what the stack needs of "
                "it as an input."
            )
            raise NotExpressible(resource.place.at("Type"), problem)
        pulumi_resource = self._resource(resource, known, resource.properties)
        ref_property = REF_PROPERTIES.get(resource.type)
        return ProviderChild(resource.logical_id, resource.type, pulumi_resource, known, ref_property)

    def _resource(
        self, resource: TemplateResource, known: ProviderType, properties: Mapping[str, Any], suffix: str = ""
    ) -> pulumi.CustomResource:
        arguments = {}
        for name, value in properties.items():
            found = named_property(known.arguments, name, resource.place)
            result = evaluated(value, shape(found.hint), resource.place.at(name), self._functions)
            if isinstance(result, PerhapsAbsent):
                result = lift(lambda each: None if each is ABSENT else each, result.output)
            if result is not ABSENT:
                arguments[found.python_name] = result
        return self._made(resource, known, arguments, suffix)

    def _made(
        self,
        resource: TemplateResource,
        known: ProviderType,
        arguments: Mapping[str, Any],
        suffix: str = "",
        more: pulumi.ResourceOptions | None = None,
    ) -> pulumi.CustomResource:
        options = pulumi.ResourceOptions.merge(self._options(resource), more)
        name = resource_name(self._prefix, resource.logical_id + suffix, resource.type)
        try:
            return known.resource(name, opts=options, **arguments)
        except TypeError as error:  # the packages' classes check what is required
            needed = listed([each.name for each in input_properties(known.arguments).values()])
            raise NotExpressible(resource.place, f"the provider refuses it: {error}. It knows: {needed}.") from error

    def _options(self, resource: TemplateResource) -> pulumi.ResourceOptions:
        needed = [
            each
            for logical_id in resource.depends_on
            if logical_id in self.children
            for each in self.children[logical_id].resources
        ]
        needed += self._surroundings.bucket.objects_of(resource.properties)
        own = pulumi.ResourceOptions(
            parent=self._parent, depends_on=needed, retain_on_delete=True if resource.retained else None
        )
        return pulumi.ResourceOptions.merge(self._surroundings.options, own)

    def _custom(self, resource: TemplateResource) -> CustomChild:
        known = native_type(_EMULATOR)
        token = resource.properties.get("ServiceToken")
        if known is None or token is None:
            raise NotExpressible(
                resource.place.at("ServiceToken"), "a custom resource names the function that makes it."
            )
        self._check_token(resource, token)
        properties = {
            name: value
            for name, each in resource.properties.items()
            if (value := plain(each, resource.place.at(name), self._functions)) is not None
        }
        arguments = {
            "bucket_name": self._surroundings.bucket.bucket_name,
            "bucket_key_prefix": f"custom-resources/{self._prefix}/{resource.logical_id}/",
            "custom_resource_properties": properties,
            "resource_type": resource.type,
            "service_token": properties["ServiceToken"],
            "stack_id": self._functions.pseudo.value("AWS::StackId"),
        }
        timeouts = _timeouts(resource)
        return CustomChild(resource.logical_id, resource.type, self._made(resource, known, arguments, more=timeouts))

    def _check_token(self, resource: TemplateResource, token: Any) -> None:
        maker = self._template.resources.get(token.get("Ref", "")) if isinstance(token, dict) else None
        if maker is not None and maker.type == "AWS::SNS::Topic":
            problem = "Pulumi asks functions of Lambda alone to make custom resources, not topics of SNS."
            raise NotExpressible(resource.place.at("ServiceToken"), problem)

    def _inline_policies(self, resource: TemplateResource, holders: tuple[Holder, ...]) -> InlinePolicies:
        properties = dict(resource.properties)
        lists = {holder: properties.pop(holder.holders, []) for holder in holders}
        made: list[pulumi.Resource] = []
        for holder, names in lists.items():
            if not isinstance(names, list):
                problem = "who holds the policy has to be a list in the template, so that each gets a resource."
                raise NotExpressible(resource.place.at(holder.holders), problem)
            known = native_type(holder.type)
            if known is None:
                raise NotExpressible(resource.place, f"the provider aws-native has no {holder.type}.")
            for index, name in enumerate(names):
                suffix = "" if not made else f"-{holder.holders}{index}"
                made.append(self._resource(resource, known, {**properties, holder.holder: name}, suffix))
        name = properties.get("PolicyName")
        ref = None if name is None else plain(name, resource.place.at("PolicyName"), self._functions)
        return InlinePolicies(resource.logical_id, resource.type, tuple(made), ref)

    def _nested(self, resource: TemplateResource) -> NestedStackChild:
        for name in resource.properties:
            if name not in ("TemplateURL", "Parameters", "Tags"):
                raise NotExpressible(resource.place.at(name), "Pulumi makes the nested stack's resources itself.")
        file = self._surroundings.directory / str((resource.metadata or {})["aws:asset:path"])
        template = Template.read(
            f"{self._template.name}-{resource.logical_id}", json.loads(file.read_text(encoding="utf-8"))
        )
        name = resource_name(self._prefix, resource.logical_id, resource.type)
        component = pulumi.ComponentResource("sagecraft:cdk:NestedStack", name, None, self._options(resource))
        place = resource.place.at("Parameters")
        inputs = {
            key: plain(value, place.at(key), self._functions)
            for key, value in resource.properties.get("Parameters", {}).items()
        }
        registration = TemplateRegistration(
            name,
            template,
            component,
            inputs,
            self._surroundings,
            account=self._functions.pseudo.known("AWS::AccountId"),
            region=self._functions.pseudo.known("AWS::Region"),
        )
        component.register_outputs(registration.outputs)
        stack_id = self._functions.pseudo.value("AWS::StackId")
        return NestedStackChild(resource.logical_id, component, registration.outputs, stack_id)

    def _outputs(self) -> dict[str, Any]:
        outputs = {}
        for logical_id, declared in self._template.outputs.items():
            place = Place(f"output '{logical_id}'")
            condition = declared.get("Condition")
            holds = True if condition is None else self._functions.condition(condition, place)
            if has_output(holds):
                raise NotExpressible(place, f"whether its condition {condition!r} holds turns out too late.")
            if not holds:
                continue
            outputs[logical_id] = plain(declared["Value"], place, self._functions)
            export = declared.get("Export", {}).get("Name")
            if export is not None:
                self._surroundings.exports[plain(export, place.at("Export"), self._functions)] = outputs[logical_id]
        return outputs


def _timeouts(resource: TemplateResource) -> pulumi.ResourceOptions:
    """How long the function of a custom resource may take, where the template says so, in seconds."""
    seconds = resource.properties.get("ServiceTimeout")
    if not isinstance(seconds, str | int):
        return pulumi.ResourceOptions()
    duration = f"{seconds}s"
    timeouts = pulumi.CustomTimeouts(create=duration, update=duration, delete=duration)
    return pulumi.ResourceOptions(custom_timeouts=timeouts)


def resource_name(prefix: str, logical_id: str, cloudformation_type: str) -> str:
    """What Pulumi calls a resource; short enough for the physical names that providers make of it."""
    name = f"{prefix}-{logical_id}"
    if len(name) > _LONGEST_NAME:
        short = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = f"{name[: _LONGEST_NAME - len(short) - 1]}-{short}"
    return name.lower() if cloudformation_type in _LOWER_CASE_TYPES else name
