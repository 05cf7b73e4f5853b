"""A model: an artefact and the container that serves it."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.automl.job import AutoMLJob
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.data.place import check_region
from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.registry.base import ModelPackageBase
from sagecraft_constructs.tuning.job import TuningJob

from .automl_model import AutoMLModel
from .base import LOG_GROUP, ModelBase, NamedModel
from .packaged_model import PackagedModel


class Model(ModelBase):
    """An artefact and the container that serves it.

    It has no name of its own unless one is given: a model cannot change, so a change is another model, whose name must
    not clash with that of the one it replaces. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html

    Attributes:
        role: The execution role.
        container: What serves.
    """

    role: iam.IRole

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        container: TrainingContainer,
        model_data: ModelData | None = None,
        environment: Mapping[str, str] | None = None,
        network_isolation: bool | None = None,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        role: iam.IRole | None = None,
        model_name: str | None = None,
    ) -> None:
        """Declares the model.

        Args:
            scope: Where it stands.
            id: Its name there.
            container: What serves.
            model_data: The artefact: `TrainingJob.model_data`, or `ModelData.from_bucket`. Left out, the container
                brings its own.
            environment: Environment variables of the container. Left out, none are set.
            network_isolation: Cuts the container off from the network. Left out, it is, unless the image fetches the
                user's script by itself.
            vpc: Where the endpoint's network interfaces stand. Left out, it runs outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the endpoint in the VPC. Left out, one is made that allows nothing in.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that serving needs.
            model_name: Left out, CloudFormation makes one that never clashes.

        Raises:
            CatalogError: AWS publishes no image of the algorithm for inference in the region.
            InvalidProps: Subnets or security groups without a VPC, or model data in a bucket of another region.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "Model")
        problems.require_known(environment=environment)
        if model_data is not None:
            check_region(problems, scope, "model_data", model_data.bucket)
        problems.raise_any()
        self.container = container
        image = container.bind(self, "inference")
        network = Network.of(self, vpc, subnets, security_groups)
        self.role = execution_role(self, role)
        permissions.allow_pull(self.role, image.repository_arn)
        permissions.allow_telemetry(self.role, LOG_GROUP)
        if model_data is not None:
            permissions.allow_read(self.role, model_data.bucket, model_data.prefix, model_data.key)
        if network is not None:
            permissions.allow_network(self.role)
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=self.role.role_arn,
            model_name=model_name,
            enable_network_isolation=image.network_isolation if network_isolation is None else network_isolation,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image.uri,
                model_data_url=None if model_data is None else model_data.uri,
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
        if model_data is not None:
            resource.node.add_dependency(*model_data.requires)
        self.model_name = resource.attr_model_name
        self.model_arn = resource.ref

    @staticmethod
    @check_props
    def from_tuning(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        tuning: TuningJob,
        container: TrainingContainer | None = None,
        environment: Mapping[str, str] | None = None,
        network_isolation: bool | None = None,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        role: iam.IRole | None = None,
    ) -> "Model":
        """The best model of a tuning job.

        Args:
            scope: Where it stands.
            id: Its name there.
            tuning: The job.
            container: What serves. Left out, what trained does, where all of the job's definitions have one container.
            environment: Environment variables of the container. Left out, none are set.
            network_isolation: As for every model.
            vpc: As for every model.
            subnets: As for every model.
            security_groups: As for every model.
            role: Left out, an `ExecutionRole` is made.

        Raises:
            InvalidProps: The job does not run when the stack is deployed, or has several containers.
        """
        if container is None:
            container = tuning.container
            if container is None:
                problem = "container: is needed, because the definitions of the tuning job have several."
                raise InvalidProps(f"Model '{scope.node.path}/{id}'", [problem])
        return Model(
            scope,
            id,
            container=container,
            model_data=tuning.model_data,
            environment=environment,
            network_isolation=network_isolation,
            vpc=vpc,
            subnets=subnets,
            security_groups=security_groups,
            role=role,
        )

    @staticmethod
    @check_props
    def from_automl(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        automl: AutoMLJob,
        inference_response_keys: Sequence[str] = (),
        role: iam.IRole | None = None,
    ) -> AutoMLModel:
        """The best candidate of an AutoML job, as an `AutoMLModel`, which takes a network as well.

        Args:
            scope: Where it stands.
            id: Its name there.
            automl: The job.
            inference_response_keys: What an answer holds, such as `predicted_label` and `probability`. Left out, what
                the candidate tells by default.
            role: Left out, an `ExecutionRole` is made.

        Raises:
            InvalidProps: The job does not run when the stack is deployed, or an answer to its problem has no such key.
        """
        keys = inference_response_keys
        return AutoMLModel(scope, id, candidate=automl.best_candidate, inference_response_keys=keys, role=role)

    @staticmethod
    @check_props
    def from_model_package(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        package: ModelPackageBase,
        environment: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
    ) -> PackagedModel:
        """An approved version of the registry, as a `PackagedModel`, which takes a network as well.

        Args:
            scope: Where it stands.
            id: Its name there.
            package: The version.
            environment: Environment variables besides those of the version, or in their place. Left out, none are set.
            role: Left out, an `ExecutionRole` is made.

        Raises:
            InvalidProps: The version is declared and not approved.
        """
        return PackagedModel(scope, id, package=package, environment=environment, role=role)

    @staticmethod
    @check_props
    def from_model_name(scope: Construct, id: str, model_name: str) -> ModelBase:  # noqa: A002 - the CDK's word for it
        """A model that exists in the account and region of the stack."""
        return NamedModel(scope, id, model_name)
