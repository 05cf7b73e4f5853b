"""What the code of several kinds has in common: roles, buckets, keys, networks, containers and tags."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sagecraft_catalog import CatalogError, ImageScope, algorithm, algorithms

from .members import Members
from .module import Module, call, dict_of, list_of, literal

if TYPE_CHECKING:
    from sagecraft_infra.target import Target

_S3_URI: Final = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)


def role(module: Module, arn: str, wanted: str = "role") -> str:
    """The variable of a role that exists; nothing is added to what it may do."""
    module.cdk("iam")
    made = call("iam.Role.from_role_arn", "self", "{id}", literal(arn), mutable="False")
    return module.variable("role", arn, wanted, made)


def bucket(module: Module, name: str, wanted: str = "bucket") -> str:
    """The variable of a bucket that exists."""
    module.cdk("s3")
    made = call("s3.Bucket.from_bucket_name", "self", "{id}", literal(name))
    return module.variable("bucket", name, wanted, made)


def key(module: Module, identifier: str, wanted: str) -> str:
    """The variable of a key that exists: its id, its ARN, its alias or the ARN of that."""
    module.cdk("kms")
    tail = identifier.rpartition(":")[2]
    if tail.startswith("alias/"):
        made = call("kms.Alias.from_alias_name", "self", "{id}", literal(tail))
    else:
        arn = identifier
        if not arn.startswith("arn:"):
            arn = f"arn:{module.partition}:kms:{module.region}:{module.account}:key/{identifier}"
        made = call("kms.Key.from_key_arn", "self", "{id}", literal(arn))
    return module.variable("key", identifier, wanted, made)


def split_uri(uri: str) -> tuple[str, str] | None:
    """The bucket and the key of an `s3://…` URI; `None` if it is none."""
    match = _S3_URI.fullmatch(uri)
    return None if match is None else (match["bucket"], match["key"])


def network(
    module: Module, target: "Target", region: str, subnet_ids: Sequence[str], group_ids: Sequence[str]
) -> tuple[str, list[str], list[str]]:
    """The expressions of a VPC, of its subnets and of security groups that exist."""
    module.cdk("ec2")
    vpc_id, zones = _vpc(target, region, subnet_ids)
    if vpc_id is None:
        module.comment(f"The VPC of {', '.join(subnet_ids)} cannot be described: put its id and its zones in.")
        vpc_id, zones = "vpc-00000000", [f"{region}a"]
    made = call(
        "ec2.Vpc.from_vpc_attributes",
        "self",
        "{id}",
        vpc_id=literal(vpc_id),
        availability_zones=literal(zones),
    )
    vpc = module.variable("vpc", vpc_id, "vpc", made)
    subnets = [
        module.variable("subnet", each, "subnet", call("ec2.Subnet.from_subnet_id", "self", "{id}", literal(each)))
        for each in subnet_ids
    ]
    groups = [
        module.variable(
            "security_group",
            each,
            "security_group",
            call("ec2.SecurityGroup.from_security_group_id", "self", "{id}", literal(each), mutable="False"),
        )
        for each in group_ids
    ]
    return vpc, subnets, groups


def _vpc(target: "Target", region: str, subnet_ids: Sequence[str]) -> tuple[str | None, list[str]]:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - Pulumi's part is installed without it

    try:
        found = target.ec2(region).describe_subnets(SubnetIds=list(subnet_ids))["Subnets"]
    except ClientError:
        # Whoever may describe SageMaker's things may not be allowed this.
        return None, []
    zones = sorted({each["AvailabilityZone"] for each in found})
    return (found[0]["VpcId"], zones) if found else (None, [])


def algorithm_of(uri: str, region: str, use: ImageScope) -> tuple[str, str] | None:
    """The name and version of AWS's algorithm whose image this is; `None` if it is another image."""
    for name in algorithms():
        for version in algorithm(name).versions:
            try:
                if algorithm(name).image_uri(version, region, use) == uri:
                    return name, version
            except CatalogError:
                continue  # not published for this use, or in this region
    return None


def container(module: Module, uri: str, known: tuple[str, str] | None) -> str:
    """The expression of a container."""
    if known is None:
        module.ours("TrainingContainer")
        return call("TrainingContainer.from_image_uri", literal(uri))
    module.ours("AlgorithmImage")
    return call("AlgorithmImage", name=literal(known[0]), version=literal(known[1]))


def default_isolation(known: tuple[str, str] | None) -> bool:
    """Whether the construct cuts a container off from the network unless it is told otherwise."""
    return known is None or bool(algorithm(known[0]).hyperparameters)


def strings(values: Mapping[str, str]) -> str:
    """A dict of strings as Python code."""
    return dict_of({name: literal(value) for name, value in values.items()})


def tags(module: Module, target: "Target", region: str, arn: str, variable: str) -> None:
    """Writes the tags of something; those that AWS itself sets cannot be set."""
    pages = target.sagemaker(region).get_paginator("list_tags").paginate(ResourceArn=arn)
    for tag in (each for page in pages for each in page["Tags"]):
        if not tag["Key"].startswith("aws:"):
            module.cdk("Tags")
            module.statement(f"Tags.of({variable}).add({literal(tag['Key'])}, {literal(tag['Value'])})")


def override(module: Module, variable: str, changes: Mapping[str, Any], *, removed: Sequence[str] = ()) -> None:
    """Sets properties of a resource that its construct has no prop for, by the CDK's own way around it.

    Args:
        module: Where to.
        variable: Of the construct.
        changes: By the path of a property, such as `ProductionVariants.0.ServerlessConfig`.
        removed: The paths of properties that the construct sets, and that the resource does not have.
    """
    if not changes and not removed:
        return
    module.cdk("CfnResource")
    resource = f"{variable}_resource"
    module.comment(f"What the construct has no prop for: {', '.join([*changes, *(f'no {each}' for each in removed)])}.")
    module.statement(f'{resource} = {variable}.node.find_child("Resource")')
    module.statement(f"assert isinstance({resource}, CfnResource)")
    for path, value in changes.items():
        module.statement(f"{resource}.add_property_override({literal(path)}, {literal(value)})")
    for path in removed:
        module.statement(f"{resource}.add_property_deletion_override({literal(path)})")


def not_expressed(module: Module, members: Members) -> None:
    """Names in a comment what was described and could not be written."""
    for path, value in members.left.items():
        module.comment(f"Not expressed: {path} = {value!r}")


def expressions(values: Sequence[str]) -> str | None:
    """A list of expressions as Python code; `None` if there is none."""
    return list_of(values) if values else None
