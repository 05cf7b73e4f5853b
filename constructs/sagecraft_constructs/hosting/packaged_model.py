"""A model of a model package."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.registry.approval import ModelApprovalStatus
from sagecraft_constructs.registry.base import ModelPackageBase
from sagecraft_constructs.registry.package import ModelPackage

from .base import LOG_GROUP, ModelBase


class PackagedModel(ModelBase):
    """What a version of the registry is served as: its container and artefact, with a role of this account.

    Another version is another model. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html

    Attributes:
        role: The execution role.
    """

    role: iam.IRole

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        package: ModelPackageBase,
        environment: Mapping[str, str] | None = None,
        network_isolation: bool = True,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        role: iam.IRole | None = None,
    ) -> None:
        """Declares the model.

        Args:
            scope: Where it stands.
            id: Its name there.
            package: The version, which must be approved.
            environment: Environment variables besides those of the version, or in their place. Left out, none are set.
            network_isolation: Cuts the container off from the network. Left out, it is.
            vpc: Where the endpoint's network interfaces stand. Left out, it runs outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the endpoint in the VPC. Left out, one is made that allows nothing in.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that serving needs, where
                the version is declared in the app; what an imported one needs, give it yourself.

        Raises:
            InvalidProps: The version is declared and not approved, or subnets or security groups are without a VPC.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "Model")
        problems.require_known(environment=environment)
        if isinstance(package, ModelPackage) and package.approval_status is not ModelApprovalStatus.APPROVED:
            problems.add(
                "package",
                f"'{package.node.path}' is {package.approval_status}, and SageMaker deploys approved versions alone. "
                "Declare it with approval_status=ModelApprovalStatus.APPROVED, or have a ContinuousDelivery deploy "
                "what somebody approves.",
            )
        problems.raise_any()
        network = Network.of(self, vpc, subnets, security_groups)
        self.role = execution_role(self, role)
        package.allow_serve(self.role)
        permissions.allow_telemetry(self.role, LOG_GROUP)
        if network is not None:
            permissions.allow_network(self.role)
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=self.role.role_arn,
            enable_network_isolation=network_isolation,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                model_package_name=package.model_package_arn,
                environment=None if environment is None else dict(environment),
            ),
            vpc_config=None
            if network is None
            else sagemaker.CfnModel.VpcConfigProperty(
                subnets=list(network.subnet_ids), security_group_ids=list(network.security_group_ids)
            ),
        )
        # SageMaker reads the artefact with the role as soon as an endpoint begins: its policy must be in force by then.
        resource.node.add_dependency(self.role)
        self.model_name = resource.attr_model_name
        self.model_arn = resource.ref
