"""A machine with Jupyter on it."""

import re
from collections.abc import Sequence
from enum import StrEnum

import jsii
from aws_cdk import ArnFormat, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import InstanceUse, check_name

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.data.place import check_key_regions
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.permissions.nag import acknowledge
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .lifecycle_config import LifecycleConfig, LifecycleConfigBase

_LOG_GROUP = "/aws/sagemaker/NotebookInstances"
_SMALLEST_VOLUME_GIB = 5
_LARGEST_VOLUME_GIB = 16_384
_CODE_REPOSITORY = re.compile(r"https://[^/\s]+/\S+|[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


class PlatformIdentifier(StrEnum):
    """The operating system and JupyterLab of a notebook instance.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-al2.html
    """

    AMAZON_LINUX_2_JUPYTER_LAB_3 = "notebook-al2-v2"
    AMAZON_LINUX_2_JUPYTER_LAB_4 = "notebook-al2-v3"
    AMAZON_LINUX_2023_JUPYTER_LAB_4 = "notebook-al2023-v1"


class NotebookInstanceBase(Construct):
    """A notebook instance, declared here or existing.

    Attributes:
        notebook_instance_name: Its name.
        notebook_instance_arn: Its ARN.
    """

    notebook_instance_name: str
    notebook_instance_arn: str

    def grant_open(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to open Jupyter in a browser."""
        return self._grant(
            grantee, "sagemaker:DescribeNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"
        )

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to start the instance."""
        return self._grant(grantee, "sagemaker:DescribeNotebookInstance", "sagemaker:StartNotebookInstance")

    def grant_stop(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to stop the instance. Its own role gets that from a lifecycle configuration that stops it."""
        return self._grant(grantee, "sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance")

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[self.notebook_instance_arn]
        )


class _ImportedNotebookInstance(NotebookInstanceBase):
    def __init__(self, scope: Construct, id: str, name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.notebook_instance_name = name
        self.notebook_instance_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="notebook-instance",
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )


@jsii.implements(iam.IGrantable)
class NotebookInstance(NotebookInstanceBase):
    """A machine with Jupyter on it, which stops by itself when nobody works.

    The volume is encrypted, users are not root, and the metadata service answers version 2 only. In a VPC, the instance
    has no other way to the internet than the VPC's. Grant it what the notebooks need: `notebook.allow_read(bucket)`,
    or hand it to `grant_*` of other constructs. `Tags.of` reaches it.

    SageMaker cannot change the network, the key or the name of an instance: another one replaces it, **and files that
    lie only on its volume are lost**. With `notebook_instance_name` given, such a change also needs another name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html

    Attributes:
        role: The execution role, which notebooks act as.
        lifecycle_config: What runs at creation and start.
        encryption_key: The key of the volume.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        instance_type: InstanceType | None = None,
        volume_gib: int = _SMALLEST_VOLUME_GIB,
        encryption_key: kms.IKey | None = None,
        platform_identifier: PlatformIdentifier = PlatformIdentifier.AMAZON_LINUX_2023_JUPYTER_LAB_4,
        lifecycle_config: LifecycleConfigBase | None = None,
        default_code_repository: str | None = None,
        additional_code_repositories: Sequence[str] = (),
        vpc: ec2.IVpc | None = None,
        subnet: ec2.ISubnet | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        direct_internet_access: bool | None = None,
        root_access: bool = False,
        role: iam.IRole | None = None,
        notebook_instance_name: str | None = None,
    ) -> None:
        """Declares the notebook instance.

        Args:
            scope: Where it stands.
            id: Its name there.
            instance_type: Left out, `ml.t3.medium`.
            volume_gib: The size of the volume that holds `~/SageMaker`. Left out, 5 GiB, the smallest.
            encryption_key: Encrypts the volume; switch on its rotation. Left out, a key is made, which goes with the
                instance, as the volume does.
            platform_identifier: Left out, Amazon Linux 2023 with JupyterLab 4.
            lifecycle_config: Left out, `LifecycleConfig.idle_stop`: the instance stops after an hour without activity.
            default_code_repository: Where Jupyter opens: the `https://` URL of a Git repository, or the name of a code
                repository that SageMaker knows (with credentials, for a private one). Left out, there is none.
            additional_code_repositories: Up to three more, cloned beside it.
            vpc: Where the network interface stands. Left out, the instance runs in SageMaker's own network.
            subnet: Which of the VPC's. Left out, its first private one.
            security_groups: In the VPC. Left out, one is made that allows nothing in.
            direct_internet_access: Whether SageMaker gives the instance a way to the internet. Left out, not in a VPC,
                and otherwise yes, for there is no other then; cdk-nag finds that, unless `True` says it is meant.
            root_access: Whether users may become root. Lifecycle scripts always run as root.
            role: Left out, an `ExecutionRole` is made. Either gets what the instance itself needs.
            notebook_instance_name: Left out, CloudFormation makes one that never clashes.

        Raises:
            InvalidProps: With every problem: an unknown instance type (near matches are named), a volume out of range,
                no way to the network, and so on.
        """
        super().__init__(scope, id)
        instance_type = InstanceType.T3_MEDIUM if instance_type is None else instance_type
        problems = Problems.of(scope, id, "NotebookInstance")
        with problems.noting("instance_type"):
            instance_type.check(InstanceUse.NOTEBOOK)
        if notebook_instance_name is not None and not is_token(notebook_instance_name):
            with problems.noting("notebook_instance_name"):
                check_name("NotebookInstanceName", notebook_instance_name)
        if not is_token(volume_gib) and not _SMALLEST_VOLUME_GIB <= volume_gib <= _LARGEST_VOLUME_GIB:
            problems.add(
                "volume_gib", f"should be from {_SMALLEST_VOLUME_GIB} to {_LARGEST_VOLUME_GIB:,}, got {volume_gib}."
            )
        check_key_regions(problems, self, encryption_key=encryption_key)
        _check_network(problems, vpc, subnet, security_groups, direct_internet_access)
        _check_code_repositories(problems, default_code_repository, additional_code_repositories)
        problems.raise_any()

        network = Network.of(self, vpc, None if subnet is None else [subnet], security_groups)
        internet = network is None if direct_internet_access is None else direct_internet_access
        self.encryption_key = self._volume_key() if encryption_key is None else encryption_key
        self.lifecycle_config = (
            LifecycleConfig.idle_stop(self, "LifecycleConfig") if lifecycle_config is None else lifecycle_config
        )
        self.role = execution_role(self, role)
        permissions.allow_telemetry(self.role, _LOG_GROUP)
        permissions.allow_volume_key(self.role, self.encryption_key)
        if network is not None:
            permissions.allow_network(self.role)
        resource = sagemaker.CfnNotebookInstance(
            self,
            "Resource",
            instance_type=instance_type.name,
            role_arn=self.role.role_arn,
            notebook_instance_name=notebook_instance_name,
            volume_size_in_gb=volume_gib,
            kms_key_id=self.encryption_key.key_arn,
            platform_identifier=platform_identifier.value,
            lifecycle_config_name=self.lifecycle_config.lifecycle_config_name,
            default_code_repository=default_code_repository,
            additional_code_repositories=list(additional_code_repositories) or None,
            subnet_id=None if network is None else network.subnet_ids[0],
            security_group_ids=None if network is None else list(network.security_group_ids),
            direct_internet_access="Enabled" if internet else "Disabled",
            root_access="Enabled" if root_access else "Disabled",
            instance_metadata_service_configuration=(
                sagemaker.CfnNotebookInstance.InstanceMetadataServiceConfigurationProperty(
                    minimum_instance_metadata_service_version="2"
                )
            ),
        )
        # SageMaker makes network interfaces and writes logs with the role at once: its policy must be in force by then.
        resource.node.add_dependency(self.role)
        self.notebook_instance_name = resource.attr_notebook_instance_name
        self.notebook_instance_arn = resource.ref
        if self.lifecycle_config.stops_instance:
            self._allow_own_stop()
        if direct_internet_access:
            _acknowledge_internet(resource, in_vpc=network is not None)

    def allow_read(self, bucket: s3.IBucket, prefix: str = "") -> None:
        """Allows the notebooks to list and read the objects of a bucket.

        Args:
            bucket: The bucket; it may be another stack's.
            prefix: What the keys of the objects begin with. Left out, all of them.
        """
        permissions.allow_read(self.role, bucket, prefix)

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to start the instance, and SageMaker to decrypt its volume for who does."""
        return super().grant_start(grantee).combine(permissions.grant_volumes(grantee, self.encryption_key))

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role, so that `grant_*` of other constructs take the notebook instance."""
        return self.role.grant_principal

    @staticmethod
    @check_props
    def from_notebook_instance_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        notebook_instance_name: str,
    ) -> NotebookInstanceBase:
        """A notebook instance that exists in the account and region of the stack."""
        return _ImportedNotebookInstance(scope, id, notebook_instance_name)

    def _volume_key(self) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description=f"Encrypts the volume of the notebook instance {self.node.path}",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _allow_own_stop(self) -> None:
        # A policy of its own: it names the instance, and the instance waits for the role's other policy. The role
        # attaches it, or does not, where it was imported as immutable; a policy does not ask.
        stop = iam.PolicyStatement(actions=["sagemaker:StopNotebookInstance"], resources=[self.notebook_instance_arn])
        self.role.attach_inline_policy(iam.Policy(self, "OwnStop", statements=[stop]))


def _check_network(
    problems: Problems,
    vpc: ec2.IVpc | None,
    subnet: ec2.ISubnet | None,
    security_groups: Sequence[ec2.ISecurityGroup] | None,
    direct_internet_access: bool | None,
) -> None:
    if vpc is not None:
        return
    if subnet is not None or security_groups is not None:
        problems.add("vpc", "'subnet' and 'security_groups' need it; give it too.")
    if direct_internet_access is False:
        problems.add(
            "direct_internet_access", "without a VPC there is no other way to the network; give 'vpc', or leave it out."
        )


def _check_code_repositories(problems: Problems, default: str | None, additional: Sequence[str]) -> None:
    named = [("default_code_repository", default)] if default is not None else []
    if not is_token(additional):
        named += [("additional_code_repositories", repository) for repository in additional]
    for prop, repository in named:
        if not is_token(repository) and _CODE_REPOSITORY.fullmatch(repository or "") is None:
            problems.add(
                prop,
                f"'{repository}' is neither an https:// URL of a Git repository nor the name of a code repository "
                "(letters, digits and '-', at most 63).",
            )
    if len(additional) > 3:
        problems.add("additional_code_repositories", f"at most 3 are allowed, got {len(additional)}.")


def _acknowledge_internet(resource: sagemaker.CfnNotebookInstance, *, in_vpc: bool) -> None:
    reason = (
        "The app says direct_internet_access=True: notebooks fetch packages and data from the internet. Nothing comes "
        "in that way; Jupyter is only reached by SageMaker's presigned URLs."
    )
    acknowledge(resource, "SM3", reason=reason)
    if not in_vpc:
        acknowledge(resource, "SM1", reason=f"{reason} The notebooks use nothing that stands in a VPC.")
