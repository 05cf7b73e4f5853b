"""Where somebody works in Studio: a volume, and the app that shows it."""

from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .app import check_instance_type, settings_member
from .app_type import StudioAppType
from .base import StudioDomainBase
from .contents import contents
from .lifecycle_config import StudioLifecycleConfigBase
from .name import check_given_name, own_name
from .offer import OFFERS, check_free
from .user_profile import UserProfileBase
from .volume import check_volume

_WITH_SPACES: Final = (StudioAppType.JUPYTER_LAB, StudioAppType.CODE_EDITOR)


class SpaceBase(Construct):
    """A space, declared here or existing.

    Attributes:
        domain: The domain that it is in.
        space_name: Its name there.
        space_arn: Its ARN.
    """

    domain: StudioDomainBase
    space_name: str
    space_arn: str

    def grant_run_app(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to start and stop the app of the space, from outside of Studio; the owner may from inside."""
        actions = ["sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp"]
        principal = grantee.grant_principal
        if isinstance(principal, Construct):
            reason = "An app is named by its type and a name that it is given when it starts."
            self.domain.acknowledge(principal, "app", self.space_name, "*", reason=reason)
        arn = self.domain.arn_of(self, "app", self.space_name, "*")
        return iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[arn])


class _ImportedSpace(SpaceBase):
    def __init__(self, scope: Construct, id: str, domain: StudioDomainBase, name: str) -> None:  # noqa: A002
        super().__init__(scope, id)
        self.domain = domain
        self.space_name = name
        self.space_arn = domain.arn_of(self, "space", name)


class Space(SpaceBase):
    """A space of somebody's, with a volume of its own that outlives the app.

    When it is destroyed its app is ended, **and the volume is lost**. `Tags.of` reaches it, and from there its app. An
    idle app stops as the domain says. SageMaker changes a space only while no app runs in it: what is to change in use,
    such as a script, is for the domain or the owner to say.

    SageMaker cannot change the name, the owner or the sharing of a space: another one replaces it, with an empty
    volume. With `space_name` given, such a change also needs another name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateSpace.html

    Attributes:
        owner: The user who owns it.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        owner: UserProfileBase,
        shared: bool = False,
        app_type: StudioAppType = StudioAppType.JUPYTER_LAB,
        instance_type: InstanceType | None = None,
        lifecycle_config: StudioLifecycleConfigBase | None = None,
        volume_gib: int | None = None,
        display_name: str | None = None,
        space_name: str | None = None,
    ) -> None:
        """Declares the space.

        Args:
            scope: Where it stands.
            id: Its name there.
            owner: Whose space it is; the profile says in which domain.
            shared: Whether everybody in the domain works in it too, as the domain's role. Left out, nobody else does.
            app_type: JupyterLab or Code Editor; the latter cannot be shared.
            instance_type: What the app runs on. Left out, what the domain says.
            lifecycle_config: What runs when the app starts; the domain or the owner has to offer it. Left out, what
                those say.
            volume_gib: The size of the volume, as far as the domain allows. Left out, what the domain says.
            display_name: What people see. Left out, the name.
            space_name: Left out, one is made from where the construct stands.

        Raises:
            InvalidProps: With every problem: an instance type that the app does not run on (near matches are named), a
                volume out of range, an app that has no spaces, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "Space")
        _check_app(problems, app_type, instance_type, lifecycle_config, shared=shared)
        _check_offered(problems, owner, app_type, lifecycle_config, shared=shared)
        check_volume(problems, "volume_gib", volume_gib)
        _check_largest(problems, owner, volume_gib)
        check_given_name(problems, "space_name", "SpaceName", space_name)
        check_free(problems, owner.domain, "space_name", space_name, self.node.path)
        problems.raise_any()
        self.owner = owner
        self.domain = owner.domain
        resource = sagemaker.CfnSpace(
            self,
            "Resource",
            domain_id=self.domain.domain_id,
            space_name=own_name(self) if space_name is None else space_name,
            space_display_name=display_name,
            ownership_settings={"ownerUserProfileName": owner.user_profile_name},
            space_sharing_settings={"sharingType": "Shared" if shared else "Private"},
            space_settings={
                "appType": app_type.value,
                **_settings(app_type, instance_type, lifecycle_config, volume_gib),
            },
        )
        for emptied in (self.domain.emptied, owner.emptied):
            if emptied is not None:
                resource.node.add_dependency(emptied)
        self.space_name = resource.space_name
        self.space_arn = resource.attr_space_arn
        contents(self, resource, self.domain, SpaceName=self.space_name)

    @staticmethod
    @check_props
    def from_space_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        domain: StudioDomainBase,
        space_name: str,
    ) -> SpaceBase:
        """A space that exists in a domain of the account and region of the stack."""
        return _ImportedSpace(scope, id, domain, space_name)


def _settings(
    app_type: StudioAppType,
    instance_type: InstanceType | None,
    lifecycle_config: StudioLifecycleConfigBase | None,
    volume_gib: int | None,
) -> dict[str, object]:
    resources = present(
        instanceType=None if instance_type is None else instance_type.name,
        lifecycleConfigArn=None if lifecycle_config is None else lifecycle_config.studio_lifecycle_config_arn,
    )
    volume = None if volume_gib is None else {"ebsStorageSettings": {"ebsVolumeSizeInGb": volume_gib}}
    of_app = {settings_member(app_type): {"defaultResourceSpec": resources}} if resources else {}
    return present(spaceStorageSettings=volume, **of_app)


def _check_app(
    problems: Problems,
    app_type: StudioAppType,
    instance_type: InstanceType | None,
    lifecycle_config: StudioLifecycleConfigBase | None,
    *,
    shared: bool,
) -> None:
    if app_type not in _WITH_SPACES:
        problems.add("app_type", f"{app_type} is of Studio Classic, which has no such spaces; give JupyterLab.")
    elif instance_type is not None:
        check_instance_type(problems, app_type, instance_type)
    if shared and app_type is StudioAppType.CODE_EDITOR:
        problems.add("shared", "Code Editor cannot be shared; leave it out, or give JupyterLab.")
    if lifecycle_config is not None and lifecycle_config.app_type is not app_type:
        problems.add(
            "lifecycle_config",
            f"'{lifecycle_config.node.path}' is for {lifecycle_config.app_type} apps; give one for {app_type}.",
        )


def _check_offered(
    problems: Problems,
    owner: UserProfileBase,
    app_type: StudioAppType,
    lifecycle_config: StudioLifecycleConfigBase | None,
    *,
    shared: bool,
) -> None:
    offers = [OFFERS.get(each) for each in ([owner.domain] if shared else [owner.domain, owner])]
    apps = [offer.apps[app_type] for offer in offers if offer is not None and app_type in offer.apps]
    offered = [config for app in apps for config in app.lifecycle_configs]
    if lifecycle_config is not None and None not in offers and lifecycle_config not in offered:
        offerer = "the domain" if shared else "the domain or the owner"
        problems.add(
            "lifecycle_config",
            f"'{lifecycle_config.node.path}' is none that {offerer} offers, and the app would not start; give it to "
            f"{offerer} too: apps={{StudioAppType.{app_type.name}: StudioApp(lifecycle_configs=[…])}}.",
        )


def _check_largest(problems: Problems, owner: UserProfileBase, volume_gib: int | None) -> None:
    offer = OFFERS.get(owner.domain)
    if owner not in OFFERS or offer is None or volume_gib is None or is_token(volume_gib):
        return  # a profile that exists may say another size
    largest = offer.largest_volume_gib
    if largest is not None and not is_token(largest) and volume_gib > largest:
        problems.add(
            "volume_gib", f"should be at most {largest}, the largest_volume_gib of the domain, got {volume_gib}."
        )
