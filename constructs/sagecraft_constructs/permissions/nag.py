"""Acknowledges, with its reason, a finding of cdk-nag that a construct accepts.

cdk-nag itself is a tool of development; the acknowledgement is metadata that the CDK keeps, and that cdk-nag reads.
Each finding is named exactly, so a permission that is added later is a new finding.
"""

from typing import Any

from aws_cdk import Acknowledgment, CfnResource, Names, Resource, Stack, Validations
from constructs import IConstruct

from sagecraft_constructs.asked import once, stack_of

PACK = "AwsSolutions"


def acknowledge(scope: IConstruct, *rules: str, reason: str) -> None:
    """Accepts one finding of each rule on a construct and everything under it.

    Args:
        scope: What the findings are about.
        rules: The rules' names in the pack, such as `L1` or `IAM5[Resource::*]`.
        reason: Why they are right here.
    """
    known = _acknowledged(scope)
    if unknown := [rule for rule in dict.fromkeys(rules) if (rule, reason) not in known]:
        _validations(scope).acknowledge(*(Acknowledgment(id=f"{PACK}-{rule}", reason=reason) for rule in unknown))
        known.update((rule, reason) for rule in unknown)


def acknowledge_resource(scope: IConstruct, arn: str, reason: str) -> None:
    """Accepts that a policy under a construct names a resource with a wildcard in it.

    Args:
        scope: The role, or what holds it.
        arn: The resource as it stands in the policy; it may hold tokens.
        reason: Why the wildcard is needed.
    """
    acknowledge_resources(scope, [arn], reason)


def acknowledge_resources(scope: IConstruct, arns: list[str], reason: str) -> None:
    """Accepts several of them for one reason, in as many questions to the CDK's process as one takes."""
    stack = stack_of(scope)
    known = _named(stack)
    if unknown := [arn for arn in arns if arn not in known]:
        known.update(zip(unknown, map(_flat, stack.resolve(unknown)), strict=True))
    acknowledge(scope, *(f"IAM5[Resource::{known[arn]}]" for arn in arns), reason=reason)


def acknowledge_managed_policy(scope: IConstruct, name: str, reason: str) -> None:
    """Accepts that a role under a construct has one of AWS's managed policies.

    Args:
        scope: The role, or what holds it.
        name: The policy's, such as `service-role/AWSLambdaBasicExecutionRole`.
        reason: Why it is right here.
    """
    acknowledge(scope, f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{name}]", reason=reason)


def acknowledge_resource_of(scope: IConstruct, owner: IConstruct, arn: str, suffix: str, reason: str) -> None:
    """Accepts a wildcard below a resource that may stand in another stack.

    Its ARN becomes an import there; a parameter in a stack nested in its own; an output of its own if that is nested.

    Args:
        scope: The role, or what holds it.
        owner: The construct that the ARN is of.
        arn: The ARN of `owner`.
        suffix: What follows the ARN in the policy.
        reason: Why the wildcard is needed.
    """
    if Resource.is_owned_resource(owner):
        arn = handed_over(scope, owner, "Arn", arn)
    acknowledge_resource(scope, f"{arn}{suffix}", reason)


def handed_over(scope: IConstruct, owner: IConstruct, attribute: str, value: str) -> str:
    """An attribute of a construct, as the template of another stack says it in the end.

    Args:
        scope: Where it is said.
        owner: The construct that the attribute is of.
        attribute: As CloudFormation names it.
        value: As the CDK knows it, which is right in the stack of `owner`, and where the construct was imported.
    """
    said = _said_in(stack_of(scope), owner, attribute)
    return value if said is None else said


@once
def _validations(scope: IConstruct) -> Validations:
    return Validations.of(scope)


@once
def _acknowledged(_scope: IConstruct) -> set[tuple[str, str]]:
    """The rules that were acknowledged on a construct, with the reason."""
    return set()


@once
def _named(_stack: Stack) -> dict[str, str]:
    """How findings name resources in the template of a stack, by their ARN there."""
    return {}


@once
def _said_in(consumer: Stack, owner: IConstruct, attribute: str) -> str | None:
    """How the template of a stack gets an attribute of a construct; None of one that was imported."""
    resource = owner.node.default_child
    return _attribute_in(consumer, resource, attribute) if isinstance(resource, CfnResource) else None


def _attribute_in(consumer: Stack, resource: CfnResource, attribute: str) -> str:
    """How the template of a stack gets an attribute of a resource that may be another stack's, as the CDK does it."""
    producer = stack_of(resource)
    if producer is consumer:
        return resource.get_att(attribute).to_string()
    handed_over = "".join(filter(str.isalnum, f"{Names.node_unique_id(resource.node)}{attribute}"))
    if _is_nested(consumer, producer):
        return f"<referenceto{handed_over}>"
    if producer.nested_stack_resource is not None:
        return _attribute_in(consumer, producer.nested_stack_resource, f"Outputs.{handed_over}")
    return producer.export_value(resource.get_att(attribute))


def _is_nested(stack: Stack, outer: Stack) -> bool:
    parent = stack.nested_stack_parent
    return parent is not None and (parent is outer or _is_nested(parent, outer))


def _flat(value: Any) -> str:
    """A resolved value in the notation of cdk-nag's findings."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [delimiter, [*items]]}:
            return str(delimiter).join(_flat(item) for item in items)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{_flat(resource)}.{_flat(attribute)}>"
        case {"Fn::ImportValue": name} | {"Fn::Sub": str(name)}:
            return _flat(name)
        case {"Ref": name}:
            return f"<{_flat(name)}>"
        case _:
            raise TypeError(f"cannot name {value!r} in a finding; add its intrinsic function here")
