"""A statement more in the policy of a role."""

from collections.abc import Mapping

from aws_cdk import aws_iam as iam

from .nag import acknowledge

Conditions = Mapping[str, Mapping[str, object]]


def allow(role: iam.IRole, actions: list[str], resources: list[str], conditions: Conditions | None = None) -> None:
    """Allows actions on resources.

    A grant is one question to the CDK's process; a statement that is made here, and then added, takes four.
    """
    iam.Grant.add_to_principal(grantee=role, actions=actions, resource_arns=resources, conditions=conditions)


def allow_everywhere(role: iam.IRole, actions: list[str], conditions: Conditions | None = None) -> None:
    """Allows actions that IAM cannot restrict to a resource, or whose resources SageMaker makes and names itself."""
    allow(role, actions, ["*"], conditions)
    acknowledge(
        role,
        "IAM5[Resource::*]",
        reason="ecr:GetAuthorizationToken, cloudwatch:PutMetricData (held to SageMaker's namespaces) and the ec2 "
        "actions for network interfaces that SageMaker makes itself know no resource to be restricted to.",
    )
