"""A place where people work together in Studio."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import jsii
from aws_cdk import ArnFormat, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IDependable

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.data.place import check_key_regions
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .app import STOPPED_WHEN_IDLE, StudioApp, app_settings, check_apps
from .app_type import StudioAppType
from .base import StudioDomainBase
from .contents import contents
from .home_network import home_network
from .name import check_given_name, own_name
from .offer import OFFERS, Offer
from .own_work import allow_own_work
from .volume import SMALLEST_VOLUME_GIB, check_volume

LOG_GROUP: Final = "/aws/sagemaker/studio"
_USUAL_LARGEST_VOLUME_GIB: Final = 100
_SHORTEST_IDLE_MINUTES: Final = 60
_LONGEST_IDLE_MINUTES: Final = 365 * 24 * 60
# SageMaker adds one of its own to the five that it takes.
_MOST_SECURITY_GROUPS: Final = 4
_MOST_SUBNETS: Final = 16
_CLASSIC: Final = (StudioAppType.JUPYTER_SERVER, StudioAppType.KERNEL_GATEWAY)
_STUDIO: Final = {"studioWebPortal": "ENABLED", "defaultLandingUri": "studio::"}
"""Studio itself is what a presigned URL opens, and not Studio Classic."""
_RETENTION: Final = {RemovalPolicy.DESTROY: "Delete", RemovalPolicy.RETAIN: "Retain"}


class _ImportedStudioDomain(StudioDomainBase):
    def __init__(self, scope: Construct, id: str, domain_id: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.domain_id = domain_id
        self.domain_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="domain",
            resource_name=domain_id,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self.role = None
        self.encryption_key = None


@jsii.implements(iam.IGrantable)
class StudioDomain(StudioDomainBase):
    """A domain of Studio, whose apps stop by themselves when nobody works.

    People sign in with their IAM identity: allow them `UserProfile.grant_open`. Home directories and volumes are
    encrypted. In a VPC, apps have no other way to the internet than the VPC's. Grant what everybody's notebooks need:
    `domain.allow_read(bucket)`, or hand the domain to `grant_*` of other constructs. `Tags.of` reaches the domain, and
    from there the apps that run in it.

    Destroying it destroys all that is in it: apps that run are ended, spaces and user profiles are deleted, whoever
    made them, and then the domain. Each of that is waited for; CloudFormation alone fails where anything is left. With
    `home_removal_policy` left out, the file system of the home directories goes too, which CloudFormation alone leaves,
    and does leave where the domain itself fails while it is made.

    SageMaker cannot change the name or the key of a domain: another one replaces it, **and what is in it is lost**.
    With `domain_name` given, a change of the key also needs another name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDomain.html

    Attributes:
        role: The execution role of people who have none of their own, and of spaces that are shared.
        encryption_key: The key of the home directories and volumes.
        home_efs_file_system_id: The id of the file system of the home directories.
        url: Where the domain is; people need a presigned URL.
    """

    role: iam.IRole
    encryption_key: kms.IKey

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        direct_internet_access: bool | None = None,
        apps: Mapping[StudioAppType, StudioApp] | None = None,
        idle_time: Duration | None = None,
        volume_gib: int = SMALLEST_VOLUME_GIB,
        largest_volume_gib: int = _USUAL_LARGEST_VOLUME_GIB,
        encryption_key: kms.IKey | None = None,
        home_removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
        role: iam.IRole | None = None,
        domain_name: str | None = None,
    ) -> None:
        """Declares the domain.

        Args:
            scope: Where it stands.
            id: Its name there.
            vpc: Where the network interfaces of apps stand. Left out, a small one is made that leads to the home
                directories and nowhere else, and apps run in SageMaker's own network.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of apps in the VPC, at most four. Left out, one is made that allows nothing in.
            direct_internet_access: Whether SageMaker gives apps a way to the internet (`PublicInternetOnly`), or they
                have the VPC's alone (`VpcOnly`). Left out, not in a VPC, and otherwise yes, for there is no other then.
            apps: How apps start, by their types. Left out, as SageMaker has them start.
            idle_time: When apps stop in which nobody works: an hour to a year, in whole minutes. Left out, an hour. It
                holds for JupyterLab and Code Editor; SageMaker does not stop those of Studio Classic.
            volume_gib: The size of the volume of a space, unless its maker says another. Left out, 5 GiB.
            largest_volume_gib: The largest that a maker may say. Left out, 100 GiB.
            encryption_key: Encrypts home directories and volumes; switch on its rotation. Left out, one is made, which
                stays where the home directories stay.
            home_removal_policy: What becomes of the file system of the home directories when the domain is destroyed.
                Left out, it goes with all that is on it. `RETAIN` leaves it, its two security groups, and the key that
                was made for it.
            role: Left out, an `ExecutionRole` is made. Either gets what working in Studio needs.
            domain_name: Left out, one is made from where the construct stands.

        Raises:
            InvalidProps: With every problem: an instance type that the apps do not run on (near matches are named), a
                volume or a time out of range, no way to the network, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "StudioDomain")
        check_apps(problems, apps)
        check_given_name(problems, "domain_name", "DomainName", domain_name)
        _check_volumes(problems, volume_gib, largest_volume_gib)
        _check_idle_time(problems, idle_time)
        check_key_regions(problems, self, encryption_key=encryption_key)
        internet = vpc is None if direct_internet_access is None else direct_internet_access
        _check_network(problems, vpc, subnets, security_groups, internet=internet)
        _check_classic(problems, apps, security_groups, internet=internet)
        if home_removal_policy not in _RETENTION:
            problems.add("home_removal_policy", f"should be DESTROY or RETAIN, got {home_removal_policy.name}.")
        problems.raise_any()

        offer = OFFERS[self] = Offer({} if apps is None else apps, largest_volume_gib)
        # What works in SageMaker's own network stands in no security group, unless it is said to.
        groups = () if internet and security_groups is None else security_groups
        vpc_id, network = (
            home_network(self) if vpc is None else (vpc.vpc_id, Network.in_vpc(self, vpc, subnets, groups))
        )
        self.encryption_key = self._own_key(home_removal_policy) if encryption_key is None else encryption_key
        self.role = execution_role(self, role)
        permissions.allow_telemetry(self.role, LOG_GROUP)
        permissions.allow_volume_key(self.role, self.encryption_key)
        settings = {
            "executionRole": self.role.role_arn,
            "securityGroups": list(network.security_group_ids) or None,
            "spaceStorageSettings": _storage(volume_gib, largest_volume_gib),
        }
        of_apps = _with_idle_stop(app_settings(offer.apps), idle_time)
        resource = sagemaker.CfnDomain(
            self,
            "Resource",
            auth_mode="IAM",
            domain_name=own_name(self) if domain_name is None else domain_name,
            app_network_access_type="PublicInternetOnly" if internet else "VpcOnly",
            vpc_id=vpc_id,
            subnet_ids=list(network.subnet_ids),
            kms_key_id=self.encryption_key.key_arn,
            default_user_settings={**settings, **of_apps, **_STUDIO},
            # Spaces that are shared have no Code Editor.
            default_space_settings={
                **settings,
                **{member: each for member, each in of_apps.items() if member != "codeEditorAppSettings"},
            },
            tag_propagation="ENABLED",
        )
        resource.node.add_dependency(self.role)
        self.domain_id = resource.attr_domain_id
        self.domain_arn = resource.attr_domain_arn
        self.home_efs_file_system_id = resource.attr_home_efs_file_system_id
        self.url = resource.attr_url
        retention = {"HomeEfsFileSystem": _RETENTION[home_removal_policy]}
        self._contents = contents(self, resource, self, RetentionPolicy=retention)
        allow_own_work(self, self.role, self)

    def allow_read(self, bucket: s3.IBucket, prefix: str = "") -> None:
        """Allows everybody who has no role of their own to list and read the objects of a bucket.

        Args:
            bucket: The bucket; it may be another stack's.
            prefix: What the keys of the objects begin with. Left out, all of them.
        """
        permissions.allow_read(self.role, bucket, prefix)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role, so that `grant_*` of other constructs take the domain."""
        return self.role.grant_principal

    @staticmethod
    @check_props
    def from_domain_id(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        domain_id: str,
    ) -> StudioDomainBase:
        """A domain that exists in the account and region of the stack, which does not empty it when it is destroyed."""
        return _ImportedStudioDomain(scope, id, domain_id)

    @property
    def emptied(self) -> IDependable | None:
        """As of any domain."""
        return self._contents

    def _own_key(self, removal_policy: RemovalPolicy) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description=f"Encrypts the home directories and volumes of the domain {self.node.path}",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )


def _storage(volume_gib: int, largest_volume_gib: int) -> dict[str, Any]:
    return {
        "defaultEbsStorageSettings": {
            "defaultEbsVolumeSizeInGb": volume_gib,
            "maximumEbsVolumeSizeInGb": largest_volume_gib,
        }
    }


def _with_idle_stop(of_apps: Mapping[str, dict[str, Any]], idle_time: Duration | None) -> dict[str, dict[str, Any]]:
    minutes = _SHORTEST_IDLE_MINUTES if idle_time is None else idle_time.to_minutes()
    stop = {"idleSettings": {"lifecycleManagement": "ENABLED", "idleTimeoutInMinutes": minutes}}
    stopped = {member: {**of_apps.get(member, {}), "appLifecycleManagement": stop} for member in STOPPED_WHEN_IDLE}
    return {**of_apps, **stopped}


def _check_volumes(problems: Problems, volume_gib: int, largest_volume_gib: int) -> None:
    for prop, given in (("volume_gib", volume_gib), ("largest_volume_gib", largest_volume_gib)):
        check_volume(problems, prop, given)
    if not (is_token(volume_gib) or is_token(largest_volume_gib)) and volume_gib > largest_volume_gib:
        problems.add("volume_gib", f"should be at most largest_volume_gib, which is {largest_volume_gib}.")


def _check_idle_time(problems: Problems, idle_time: Duration | None) -> None:
    if idle_time is None:
        return
    if idle_time.is_unresolved():
        if idle_time.unit_label() != "minutes":
            problems.add("idle_time", f"is a token of {idle_time.unit_label()}; give Duration.minutes of the token.")
        return
    minutes = idle_time.to_minutes(integral=False)
    if not _SHORTEST_IDLE_MINUTES <= minutes <= _LONGEST_IDLE_MINUTES or minutes != int(minutes):
        told = f"{minutes:g} minutes" if minutes == int(minutes) else f"{minutes * 60:g} seconds"
        problems.add("idle_time", f"should be whole minutes, from an hour to a year, got {told}.")


def _check_network(
    problems: Problems,
    vpc: ec2.IVpc | None,
    subnets: Sequence[ec2.ISubnet] | None,
    security_groups: Sequence[ec2.ISecurityGroup] | None,
    *,
    internet: bool,
) -> None:
    if vpc is None and (subnets is not None or security_groups is not None):
        problems.add("vpc", "'subnets' and 'security_groups' need it; give it too.")
    if vpc is None and not internet:
        problems.add(
            "direct_internet_access", "without a VPC there is no other way to the network; give 'vpc', or leave it out."
        )
    for prop, given, most in (
        ("subnets", subnets, _MOST_SUBNETS),
        ("security_groups", security_groups, _MOST_SECURITY_GROUPS),
    ):
        if given is not None and len(given) > most:
            problems.add(prop, f"at most {most} are allowed, got {len(given)}.")


def _check_classic(
    problems: Problems,
    apps: Mapping[StudioAppType, StudioApp] | None,
    security_groups: Sequence[ec2.ISecurityGroup] | None,
    *,
    internet: bool,
) -> None:
    if apps is not None and not internet and security_groups is None and set(apps) & set(_CLASSIC):
        problems.add(
            "security_groups",
            "apps of Studio Classic reach each other at the TCP ports 8192-65535, which the group that is made does "
            "not allow; give one that allows them to itself.",
        )
