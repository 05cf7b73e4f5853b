"""Whether SageMaker may assume the roles that an app hands to it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from botocore.exceptions import ClientError
from sagecraft_catalog.charge.resource import Resource
from sagecraft_emulator.surroundings.host import trusts_sagemaker

from sagecraft_infra.deployment.diagnosis import Severity
from sagecraft_infra.target import Target

from .requirement import Requirement

_PREFIXES: Final = ("AWS::SageMaker::", "Custom::SageMaker")
_PATHS: Final = (
    ("RoleArn",),
    ("ExecutionRoleArn",),
    ("Request", "RoleArn"),
    ("Request", "TrainingJobDefinition", "RoleArn"),
    ("DefaultUserSettings", "ExecutionRole"),
    ("UserSettings", "ExecutionRole"),
)
_MEND: Final = "aws iam get-role --role-name {name} --query Role.AssumeRolePolicyDocument"


def role_requirements(target: Target, resources: Iterable[Resource]) -> Iterator[Requirement]:
    """What is said of each role that is there already, and of each that a template makes for SageMaker."""
    made: dict[str, Resource] = {}
    named: dict[str, Resource] = {}
    for resource in resources:
        if not resource.type.startswith(_PREFIXES):
            continue
        for path in _PATHS:
            role = resource.referred(*path)
            if role is not None and role.type == "AWS::IAM::Role":
                made.setdefault(role.path, role)
            for arn in resource.get(*path).texts():
                if ":role/" in arn:
                    named.setdefault(arn, resource)
    for role in made.values():
        document = role.raw.get("AssumeRolePolicyDocument", {})
        yield _judged(role.path, document, role.region, "its template lets SageMaker assume it")
    for arn, resource in named.items():
        yield _existing(target, arn, resource)


def _existing(target: Target, arn: str, resource: Resource) -> Requirement:
    name = arn.rpartition("/")[2]
    try:
        role = target.iam().get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return Requirement(
            arn,
            Severity.MISSING,
            f"there is no such role, which {resource.path} is given",
            'aws iam list-roles --query "Roles[].Arn"',
            region=resource.region,
        )
    document: Any = role.get("AssumeRolePolicyDocument", {})
    return _judged(
        arn,
        json.loads(document) if isinstance(document, str) else document,
        resource.region,
        f"SageMaker may assume it, for {resource.path}",
    )


def _judged(subject: str, document: Any, region: str, well: str) -> Requirement:
    if trusts_sagemaker(document):
        return Requirement(subject, Severity.OK, well, region=region)
    name = subject.rpartition("/")[2]
    return Requirement(
        subject,
        Severity.MISSING,
        "SageMaker may not assume it: its trust policy does not let the service sagemaker.amazonaws.com do "
        "sts:AssumeRole",
        _MEND.format(name=name),
        region=region,
    )
