"""Somebody who works in Studio."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IDependable

from sagecraft_constructs import permissions
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props

from .app import StudioApp, app_settings, check_apps
from .app_type import StudioAppType
from .base import StudioDomainBase
from .contents import contents
from .domain import LOG_GROUP
from .name import check_given_name, own_name
from .offer import OFFERS, Offer, check_free
from .own_work import allow_own_work


class UserProfileBase(Construct):
    """A user profile, declared here or existing.

    Attributes:
        domain: The domain that it is in.
        user_profile_name: Its name there.
        user_profile_arn: Its ARN.
        role: Whom its user acts as; `None` where that is not known.
    """

    domain: StudioDomainBase
    user_profile_name: str
    user_profile_arn: str
    role: iam.IRole | None

    def grant_open(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to open Studio as this user: whoever the grantee is, they then work as the user's role."""
        actions = ["sagemaker:CreatePresignedDomainUrl", "sagemaker:DescribeUserProfile"]
        return iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[self.user_profile_arn])

    @property
    def emptied(self) -> IDependable | None:
        """What empties it: what the user has is made after this, and so deleted before it. `None` if nothing does."""
        return None


class _ImportedUserProfile(UserProfileBase):
    def __init__(self, scope: Construct, id: str, domain: StudioDomainBase, name: str) -> None:  # noqa: A002
        super().__init__(scope, id)
        self.domain = domain
        self.user_profile_name = name
        self.user_profile_arn = domain.arn_of(self, "user-profile", name)
        self.role = None


class UserProfile(UserProfileBase):
    """Somebody who works in a domain: who they act as, and how their apps start.

    When it is destroyed, or its line is deleted, the user's apps are ended and their spaces deleted, whoever made them;
    their home directory stays in the domain's file system. `Tags.of` reaches it, and from there the apps of the user.

    SageMaker cannot change the name: another profile replaces this one, with another home directory.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateUserProfile.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        domain: StudioDomainBase,
        apps: Mapping[StudioAppType, StudioApp] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        role: iam.IRole | None = None,
        user_profile_name: str | None = None,
    ) -> None:
        """Declares the user profile.

        Args:
            scope: Where it stands.
            id: Its name there.
            domain: Where the user works; it may be another stack's.
            apps: How the user's apps start, by their types. Left out, as the domain says; idle apps stop as it says.
            security_groups: Of the user's apps in the VPC, besides the domain's. Left out, none.
            role: Whom the user acts as; it gets what working in Studio needs. Left out, the domain's role.
            user_profile_name: Left out, one is made from where the construct stands.

        Raises:
            InvalidProps: With every problem: an instance type that the apps do not run on (near matches are named), a
                name that SageMaker does not take, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "UserProfile")
        check_apps(problems, apps)
        check_given_name(problems, "user_profile_name", "UserProfileName", user_profile_name)
        check_free(problems, domain, "user_profile_name", user_profile_name, self.node.path)
        problems.raise_any()
        self.domain = domain
        offer = OFFERS[self] = Offer({} if apps is None else apps)
        self.role = domain.role if role is None else self._own_role(role)
        settings: dict[str, Any] = {
            **present(
                executionRole=None if role is None or self.role is None else self.role.role_arn,
                securityGroups=[each.security_group_id for each in security_groups] or None,
            ),
            **app_settings(offer.apps),
        }
        resource = sagemaker.CfnUserProfile(
            self,
            "Resource",
            domain_id=domain.domain_id,
            user_profile_name=own_name(self) if user_profile_name is None else user_profile_name,
            user_settings=settings or None,
        )
        if domain.emptied is not None:
            resource.node.add_dependency(domain.emptied)
        if role is not None:
            resource.node.add_dependency(self.role)
        self.user_profile_name = resource.user_profile_name
        self.user_profile_arn = resource.attr_user_profile_arn
        self._contents = contents(self, resource, domain, UserProfileName=self.user_profile_name)

    @staticmethod
    @check_props
    def from_user_profile_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        domain: StudioDomainBase,
        user_profile_name: str,
    ) -> UserProfileBase:
        """A user profile that exists in a domain of the account and region of the stack."""
        return _ImportedUserProfile(scope, id, domain, user_profile_name)

    @property
    def emptied(self) -> IDependable | None:
        """As of any user profile."""
        return self._contents

    def _own_role(self, role: iam.IRole) -> iam.IRole:
        own = execution_role(self, role)
        permissions.allow_telemetry(own, LOG_GROUP)
        if self.domain.encryption_key is not None:
            permissions.allow_volume_key(own, self.domain.encryption_key)
        allow_own_work(self, own, self.domain)
        return own
