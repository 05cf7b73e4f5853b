"""What people in Studio may do there, as their execution role."""

from typing import Final

from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.permissions.nag import acknowledge
from sagecraft_constructs.permissions.policy import Conditions

from .base import StudioDomainBase

_USER: Final = "${sagemaker:UserProfileName}"
_SPACES: Final = ["sagemaker:CreateSpace", "sagemaker:DeleteSpace", "sagemaker:UpdateSpace"]
_APPS: Final = ["sagemaker:CreateApp", "sagemaker:DeleteApp"]
_DESCRIBED: Final = {
    "domain": "sagemaker:DescribeDomain",
    "user-profile": "sagemaker:DescribeUserProfile",
    "space": "sagemaker:DescribeSpace",
    "app": "sagemaker:DescribeApp",
}


def allow_own_work(scope: Construct, role: iam.IRole, domain: StudioDomainBase) -> iam.Policy:
    """Allows to see what is in a domain, and to make spaces and run apps that are one's own or everybody's.

    It is a policy of its own: it names the domain, which waits for the role's other policy. The role attaches it, or
    does not, where it was imported as immutable.

    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerFullAccess.html, which
    has such statements for all domains of all accounts

    Args:
        scope: Where the policy stands.
        role: Whose policy it is.
        domain: Where the work is done.
    """
    policy = iam.Policy(scope, "OwnWork", statements=_statements(scope, domain))
    for kind in ("user-profile", "space", "app"):
        reason = "People make spaces and apps themselves, and name them; those of others are kept apart by conditions."
        domain.acknowledge(policy, kind, "*", reason=reason)
    domain.acknowledge(
        policy, "app", _USER, "*", reason="Apps of Studio Classic are a user's, and have names of their own."
    )
    acknowledge(policy, "IAM5[Resource::*]", reason="SageMaker's lists of Studio know no resource to be restricted to.")
    role.attach_inline_policy(policy)
    return policy


def _statements(scope: Construct, domain: StudioDomainBase) -> list[iam.PolicyStatement]:
    owned: Conditions = {
        "ArnLike": {"sagemaker:OwnerUserProfileArn": domain.arn_of(scope, "user-profile", _USER)},
    }
    private: Conditions = {**owned, "StringEquals": {"sagemaker:SpaceSharingType": "Private"}}
    shared: Conditions = {"StringEquals": {"sagemaker:SpaceSharingType": "Shared"}}
    spaces, apps = domain.arn_of(scope, "space", "*"), domain.arn_of(scope, "app", "*")
    lists = ["sagemaker:ListApps", "sagemaker:ListDomains", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"]
    return [
        _allow(lists, "*"),
        _allow([_DESCRIBED["domain"]], domain.domain_arn),
        *(_allow([action], domain.arn_of(scope, kind, "*")) for kind, action in _DESCRIBED.items() if kind != "domain"),
        _allow(_SPACES, spaces, owned),
        _allow(_APPS, apps, private),
        _allow(_APPS, apps, shared),
        _allow(_APPS, domain.arn_of(scope, "app", _USER, "*"), {"Null": {"sagemaker:OwnerUserProfileArn": "true"}}),
        _allow(["sagemaker:CreatePresignedDomainUrl"], domain.arn_of(scope, "user-profile", _USER)),
        # SageMaker tags what is made there with the tags of the domain and the user.
        _allow(["sagemaker:AddTags"], spaces, {"Null": {"sagemaker:TaggingAction": "false"}}),
        _allow(["sagemaker:AddTags"], apps, {"Null": {"sagemaker:TaggingAction": "false"}}),
    ]


def _allow(actions: list[str], resource: str, conditions: Conditions | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions)
