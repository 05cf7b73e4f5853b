"""Steps that make a model of what an earlier step has left, or register it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable
from sagecraft_catalog import check_name

from sagecraft_constructs import permissions
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.hosting.base import LOG_GROUP, ModelBase
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.needs import allow_hand_over
from sagecraft_constructs.job.reference import StepProperty
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.permissions.nag import acknowledge_resource
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .retry_policy import RetryPolicy, retries
from .step import Step

_APPROVALS: Final = ("Approved", "PendingManualApproval", "Rejected")


class ModelStep(ModelBase, Step):
    """A step that makes a model, of which a later step may be a batch transform job: it is a model for one.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-model-create

    Attributes:
        role: The execution role of the model.
    """

    step_type = "Model"
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
        name: str | None = None,
        retry_policies: Sequence[RetryPolicy] = (),
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            scope: Where its role and its image stand.
            id: Its name there.
            container: What serves.
            model_data: The artefact, such as `TrainingJob.model_data` of an earlier step. Left out, the container
                brings its own.
            environment: As for `Model`.
            network_isolation: As for `Model`.
            vpc: As for `Model`.
            subnets: As for `Model`.
            security_groups: As for `Model`.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that serving needs.
            name: Its name in the pipeline. Left out, the id.
            retry_policies: When it is tried again. Left out, after faults of the service alone, as AWS does.
            depends_on: What has to be done before, besides what the model uses results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "ModelStep")
        self._declare(problems, id if name is None else name, depends_on, display_name, description)
        problems.require_known(environment=environment)
        problems.raise_any()
        image = container.bind(self, "inference")
        network = Network.of(self, vpc, subnets, security_groups)
        self.role = execution_role(self, role)
        permissions.allow_pull(self.role, image.repository_arn)
        permissions.allow_telemetry(self.role, LOG_GROUP)
        if model_data is not None:
            permissions.allow_read(self.role, model_data.bucket, model_data.prefix, model_data.key)
        if network is not None:
            permissions.allow_network(self.role)
        self._retry_policies = retry_policies
        self._requires = (self.role, *(() if model_data is None else model_data.requires))
        self._request = present(
            ExecutionRoleArn=self.role.role_arn,
            EnableNetworkIsolation=image.network_isolation if network_isolation is None else network_isolation,
            PrimaryContainer=present(
                Image=image.uri,
                ModelDataUrl=None if model_data is None else model_data.uri,
                Environment=None if environment is None else dict(environment),
            ),
            VpcConfig=None if network is None else network.vpc_config,
        )
        self.model_name = StepProperty(self, "ModelName").text
        self.model_arn = StepProperty(self, "ModelArn").text

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The request of `CreateModel`."""
        del run
        return self._request

    def members(self) -> Mapping[str, Any]:
        """When it is tried again."""
        return present(RetryPolicies=retries(self._retry_policies))

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to make the model."""
        arn = _arn(self, "model", "pipelines-*")
        allow(role, [f"sagemaker:{action}" for action in ("AddTags", "CreateModel", "DescribeModel")], [arn])
        acknowledge_resource(
            scope, arn, "A pipeline names its models itself, by the id of its execution and the name of the step."
        )
        allow_hand_over(role, self.role)

    @property
    def requires(self) -> tuple[IDependable, ...]:
        """The role, and where the artefact comes from."""
        return self._requires


class RegisterModelStep(Construct, Step):
    """A step that makes a model package of what an earlier step has left: a version in a group.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-register-model
    """

    step_type = "RegisterModel"

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        model_package_group_name: str,
        container: TrainingContainer,
        model_data: ModelData,
        content_types: Sequence[str] = ("text/csv",),
        response_types: Sequence[str] = ("text/csv",),
        realtime_instance_types: Sequence[InstanceType] = (),
        transform_instance_types: Sequence[InstanceType] = (),
        approval_status: str = "PendingManualApproval",
        model_quality: str | None = None,
        environment: Mapping[str, str] | None = None,
        package_description: str | None = None,
        customer_metadata: Mapping[str, str] | None = None,
        name: str | None = None,
        retry_policies: Sequence[RetryPolicy] = (),
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            scope: Where its image stands.
            id: Its name there.
            model_package_group_name: Which group it is a version of.
            container: What serves.
            model_data: The artefact, such as `TrainingJob.model_data` of an earlier step.
            content_types: The media types of what it is asked. Left out, CSV.
            response_types: The media types of its answers. Left out, CSV.
            realtime_instance_types: Which an endpoint may have. Left out, all.
            transform_instance_types: Which a batch transform job may have. Left out, all.
            approval_status: `Approved`, `PendingManualApproval` or `Rejected`, or a parameter. Left out, somebody has
                to approve it.
            model_quality: The S3 URI of a JSON file that tells how good it is, such as an output of an evaluation.
                Left out, nothing tells.
            environment: Environment variables of the container. Left out, none are set.
            package_description: Of the version. Left out, there is none.
            customer_metadata: Of the version. Left out, there is none.
            name: Its name in the pipeline. Left out, the id.
            retry_policies: When it is tried again. Left out, after faults of the service alone, as AWS does.
            depends_on: What has to be done before, besides what the model uses results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "RegisterModelStep")
        self._declare(problems, id if name is None else name, depends_on, display_name, description)
        problems.require_known(environment=environment, customer_metadata=customer_metadata)
        if not is_token(approval_status) and approval_status not in _APPROVALS:
            problems.add("approval_status", f"should be one of {', '.join(_APPROVALS)}, got '{approval_status}'.")
        if not is_token(model_package_group_name):
            with problems.noting("model_package_group_name"):
                check_name("ModelPackageGroupName", model_package_group_name)
        for prop, given in (("content_types", content_types), ("response_types", response_types)):
            if not given:
                problems.add(prop, "is empty, and SageMaker needs one; give it, or leave the prop out.")
        problems.raise_any()
        image = container.bind(self, "inference")
        self._group_name = model_package_group_name
        self._model_data = model_data
        self._retry_policies = retry_policies
        quality = {"Statistics": {"ContentType": "application/json", "S3Uri": model_quality}}
        self._request = present(
            ModelPackageGroupName=model_package_group_name,
            ModelPackageDescription=package_description,
            ModelApprovalStatus=approval_status,
            InferenceSpecification=present(
                Containers=[
                    present(
                        Image=image.uri,
                        ModelDataUrl=model_data.uri,
                        Environment=None if environment is None else dict(environment),
                    )
                ],
                SupportedContentTypes=list(content_types),
                SupportedResponseMIMETypes=list(response_types),
                SupportedRealtimeInferenceInstanceTypes=[each.name for each in realtime_instance_types] or None,
                SupportedTransformInstanceTypes=[each.name for each in transform_instance_types] or None,
            ),
            ModelMetrics=None if model_quality is None else {"ModelQuality": quality},
            CustomerMetadataProperties=None if customer_metadata is None else dict(customer_metadata),
        )

    @property
    def model_package_arn(self) -> str:
        """The ARN of the version, for a later step."""
        return StepProperty(self, "ModelPackageArn").text

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The request of `CreateModelPackage`."""
        del run
        return self._request

    def members(self) -> Mapping[str, Any]:
        """When it is tried again."""
        return present(RetryPolicies=retries(self._retry_policies))

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to register the version: SageMaker looks whether the artefact is there as whoever registers it."""
        # SageMaker writes names in ARNs in lower case.
        name = self._group_name if is_token(self._group_name) else self._group_name.lower()
        group, packages = _arn(self, "model-package-group", name), _arn(self, "model-package", f"{name}/*")
        actions = ("AddTags", "CreateModelPackage", "DescribeModelPackage")
        allow(role, [f"sagemaker:{action}" for action in actions], [group, packages])
        acknowledge_resource(scope, packages, "SageMaker numbers the versions of a group itself.")
        permissions.allow_read(role, self._model_data.bucket, self._model_data.prefix, self._model_data.key)

    @property
    def requires(self) -> tuple[IDependable, ...]:
        """Where the artefact comes from."""
        return self._model_data.requires


def _arn(scope: Construct, resource: str, name: str) -> str:
    return Stack.of(scope).format_arn(
        service="sagemaker", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
