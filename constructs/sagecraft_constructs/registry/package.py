"""A model package: a version of a model, with what it takes to serve it and to decide about it."""

from collections.abc import Mapping, Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import InstanceUse

from sagecraft_constructs import permissions
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.data.place import check_region
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .approval import ModelApprovalStatus
from .base import ImportedModelPackage, ModelPackageBase, ModelPackageGroupBase
from .metrics import ModelMetrics

_MOST_METADATA = 50
_LONGEST_DESCRIPTION = 1024


class ModelPackage(ModelPackageBase):
    """A version of a model in a group.

    Another artefact, image or description is another version with the next number; the former stays, as does the
    present one when the stack is deleted: a registry is there to remember. What approves it changes in place.
    A group with `RemovalPolicy.DESTROY` takes its versions along. A version has no tags of its own.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

    Attributes:
        group: Whose version it is.
        approval_status: Whether it may be deployed, as it is declared.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        group: ModelPackageGroupBase,
        container: TrainingContainer,
        model_data: ModelData | None = None,
        environment: Mapping[str, str] | None = None,
        approval_status: ModelApprovalStatus = ModelApprovalStatus.PENDING_MANUAL_APPROVAL,
        approval_description: str | None = None,
        description: str | None = None,
        content_types: Sequence[str] = ("text/csv",),
        response_types: Sequence[str] = ("text/csv",),
        realtime_instance_types: Sequence[InstanceType] = (),
        transform_instance_types: Sequence[InstanceType] = (),
        metrics: ModelMetrics | None = None,
        customer_metadata: Mapping[str, str] | None = None,
        generated_by: str | None = None,
    ) -> None:
        """Declares the version.

        Args:
            scope: Where it stands.
            id: Its name there.
            group: Whose version it is.
            container: What serves.
            model_data: The artefact: `TrainingJob.model_data`, or `ModelData.from_bucket`. Left out, the container
                brings its own.
            environment: Environment variables of the container. Left out, none are set.
            approval_status: Left out, somebody has to approve it before it can be deployed.
            approval_description: Why. Left out, nothing is said; CloudFormation tells it only of a later decision.
            description: What is new. Left out, nothing is said.
            content_types: What it can be asked in. Left out, CSV.
            response_types: What it answers in. Left out, CSV.
            realtime_instance_types: What endpoints may run it on. Left out, anything.
            transform_instance_types: What transform jobs may run it on. Left out, anything.
            metrics: Reports, for who approves. Left out, there are none.
            customer_metadata: Up to 50 properties of your own, such as `{"auc": job.metric_value("validation:auc")}`.
                Left out, there are none.
            generated_by: What made the artefact, an ARN. Left out, nothing is said; `TrainingJob.register` says it.

        Raises:
            InvalidProps: With every problem: no content types, an unknown instance type, too much metadata, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "ModelPackage")
        problems.require_known(environment=environment, customer_metadata=customer_metadata)
        _check(problems, content_types, response_types, description, customer_metadata)
        for prop, types, use in (
            ("realtime_instance_types", realtime_instance_types, InstanceUse.HOSTING),
            ("transform_instance_types", transform_instance_types, InstanceUse.TRANSFORM),
        ):
            for each in types:
                with problems.noting(prop):
                    each.check(use)
        if model_data is not None:
            check_region(problems, scope, "model_data", model_data.bucket)
        problems.raise_any()
        self.group, self.approval_status = group, approval_status
        self._model_data = model_data
        self._image = container.bind(self, "inference")
        resource = sagemaker.CfnModelPackage(
            self,
            "Resource",
            # Which it takes as well, and which refers to the group.
            model_package_group_name=group.model_package_group_arn,
            model_package_description=description,
            model_approval_status=approval_status.value,
            approval_description=approval_description,
            inference_specification=sagemaker.CfnModelPackage.InferenceSpecificationProperty(
                containers=[
                    sagemaker.CfnModelPackage.ModelPackageContainerDefinitionProperty(
                        image=self._image.uri,
                        model_data_url=None if model_data is None else model_data.uri,
                        environment=None if environment is None else dict(environment),
                    )
                ],
                supported_content_types=list(content_types),
                supported_response_mime_types=list(response_types),
                supported_realtime_inference_instance_types=[each.name for each in realtime_instance_types] or None,
                supported_transform_instance_types=[each.name for each in transform_instance_types] or None,
            ),
            model_metrics=None if metrics is None else metrics.members,
            drift_check_baselines=None if metrics is None else metrics.drift_check_members or None,
            customer_metadata_properties=None if customer_metadata is None else dict(customer_metadata),
            metadata_properties=None
            if generated_by is None
            else sagemaker.CfnModelPackage.MetadataPropertiesProperty(generated_by=generated_by),
        )
        # SageMaker takes no tags for a version: it uses those of its group.
        resource.add_property_deletion_override("Tags")
        resource.apply_removal_policy(RemovalPolicy.RETAIN)
        resource.node.add_dependency(group)
        if model_data is not None:
            resource.node.add_dependency(*model_data.requires)
        self.model_package_arn = resource.ref

    def allow_serve(self, role: iam.IRole) -> None:
        """Allows a role to pull the image and to read the artefact."""
        permissions.allow_pull(role, self._image.repository_arn)
        if self._model_data is not None:
            permissions.allow_read(role, self._model_data.bucket, self._model_data.prefix, self._model_data.key)

    @staticmethod
    @check_props
    def from_model_package_arn(scope: Construct, id: str, model_package_arn: str) -> ModelPackageBase:  # noqa: A002 - the CDK's word for it
        """A package that exists, maybe in another account that lets this one make models of it.

        The role that serves it needs to read its artefact and to pull its image, which are not known here.
        """
        return ImportedModelPackage(scope, id, model_package_arn)


def _check(
    problems: Problems,
    content_types: Sequence[str],
    response_types: Sequence[str],
    description: str | None,
    customer_metadata: Mapping[str, str] | None,
) -> None:
    for prop, types in (("content_types", content_types), ("response_types", response_types)):
        if not types:
            problems.add(prop, "there are none; give at least one, such as 'text/csv'.")
    if description is not None and not is_token(description) and len(description) > _LONGEST_DESCRIPTION:
        problems.add("description", f"has {len(description)} characters; {_LONGEST_DESCRIPTION} at most are taken.")
    if customer_metadata is not None and not 1 <= len(customer_metadata) <= _MOST_METADATA:
        problems.add("customer_metadata", f"should be 1 to {_MOST_METADATA} properties, got {len(customer_metadata)}.")
