"""Empties a domain, a user profile or a space before CloudFormation deletes it."""

from typing import ClassVar, Final

from aws_cdk import CfnResource, CustomResource
from constructs import Construct

from sagecraft_constructs.asked import arn_at
from sagecraft_constructs.permissions.nag import acknowledge, acknowledge_resource
from sagecraft_constructs.provider import FunctionProvider

from .base import StudioDomainBase

_RESOURCE_TYPE: Final = "Custom::SageMakerStudioContents"


class StudioProvider(FunctionProvider):
    """The functions that delete what is in the domains, user profiles and spaces of a stack, and wait for it."""

    construct_id: ClassVar[str] = "SagecraftStudio"
    handler_module: ClassVar[str] = "studio"
    begins: ClassVar[str] = "Begins to empty what this stack has in Studio"
    asks: ClassVar[str] = "Deletes what is left there, and asks whether it is gone"

    def allow(self, domain: StudioDomainBase, *, itself: bool) -> None:
        """Allows to delete the apps and spaces of a domain.

        Args:
            domain: The domain.
            itself: Also allows to delete its user profiles, and the domain.
        """
        self._allow(["sagemaker:ListApps", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"], "*")
        acknowledge(
            self, "IAM5[Resource::*]", reason="SageMaker's and EC2's lists know no resource to be restricted to."
        )
        self._allow_in(domain, "sagemaker:DeleteApp", "app")
        self._allow_in(domain, "sagemaker:DeleteSpace", "space")
        self._allow(["sagemaker:DescribeDomain"], domain.domain_arn)
        if itself:
            self._allow_in(domain, "sagemaker:DeleteUserProfile", "user-profile")
            self._allow(["sagemaker:DeleteDomain"], domain.domain_arn)
            self._allow_nfs_groups(domain)

    def _allow_nfs_groups(self, domain: StudioDomainBase) -> None:
        """Allows to delete the security groups that SageMaker has made for the domain, and no others."""
        self._allow(["ec2:DescribeSecurityGroups"], "*")
        actions = ["DeleteSecurityGroup", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"]
        groups = arn_at(self, "ec2", "security-group/*")
        made_for_it = {"StringEquals": {"ec2:ResourceTag/ManagedByAmazonSageMakerResource": domain.domain_arn}}
        self._allow([f"ec2:{action}" for action in actions], groups, made_for_it)
        acknowledge_resource(self, groups, "SageMaker makes and names them; its tag says for which domain.")

    def _allow_in(self, domain: StudioDomainBase, action: str, kind: str) -> None:
        self._allow([action], domain.arn_of(self, kind, "*"))
        reason = "People in the domain make apps and spaces themselves, and name them."
        domain.acknowledge(self, kind, "*", reason=reason)


def contents(scope: Construct, holder: CfnResource, domain: StudioDomainBase, **properties: object) -> CustomResource:
    """What is in a domain, a user profile or a space, as a resource: it is deleted before its holder, and empties it.

    Args:
        scope: The construct of the holder.
        holder: What is emptied.
        domain: The domain that is, or has, the holder.
        properties: What tells the holder from the others of the domain, as the API names it. Without a name of a user
            profile or a space it is the domain, which is deleted too.
    """
    provider = StudioProvider.of(scope)
    provider.allow(domain, itself="RetentionPolicy" in properties)
    made = CustomResource(
        scope,
        "Contents",
        resource_type=_RESOURCE_TYPE,
        service_token=provider.service_token,
        properties={"DomainId": domain.domain_id, **properties},
    )
    made.node.add_dependency(holder, provider.permissions)
    return made
