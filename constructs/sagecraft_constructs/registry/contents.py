"""Deletes what has come to be besides what a stack declares: versions of a group, and what was made to deploy them."""

from typing import ClassVar

from aws_cdk import ArnFormat, CustomResource, Stack
from constructs import Construct

from sagecraft_constructs.permissions.nag import acknowledge, acknowledge_resource
from sagecraft_constructs.provider import FunctionProvider

from .base import ModelPackageGroupBase


class RegistryProvider(FunctionProvider):
    """The functions that delete versions, and the models and configurations that deployed them."""

    construct_id: ClassVar[str] = "SagecraftRegistry"
    handler_module: ClassVar[str] = "registry.contents"
    begins: ClassVar[str] = "Deletes the versions of the groups of this stack, and what was made to deploy them"
    asks: ClassVar[str] = "Asks whether they are gone"

    def allow_versions(self, group: ModelPackageGroupBase) -> None:
        """Allows to delete the versions of a group."""
        self._allow(["sagemaker:DeleteModelPackage", "sagemaker:ListModelPackages"], group.versions_arn)
        acknowledge_resource(self, group.versions_arn, "SageMaker numbers the versions; all of a group are meant.")

    def allow_delivered(self, name_prefix: str) -> None:
        """Allows to delete the models and endpoint configurations whose names begin with a prefix."""
        self._allow(["sagemaker:ListEndpointConfigs", "sagemaker:ListModels"], "*")
        acknowledge(self, "IAM5[Resource::*]", reason="SageMaker's lists know no resource to be restricted to.")
        for action, resource in (("DeleteEndpointConfig", "endpoint-config"), ("DeleteModel", "model")):
            arn = Stack.of(self).format_arn(
                service="sagemaker",
                resource=resource,
                resource_name=f"{name_prefix}-*",
                arn_format=ArnFormat.SLASH_RESOURCE_NAME,
            )
            self._allow([f"sagemaker:{action}"], arn)
            acknowledge_resource(self, arn, "The names end with the version that is deployed, and a hash.")


def versions(scope: Construct, group: ModelPackageGroupBase) -> CustomResource:
    """The versions of a group, as a resource: it is deleted before the group, and deletes them."""
    provider = RegistryProvider.of(scope)
    provider.allow_versions(group)
    made = CustomResource(
        scope,
        "Versions",
        resource_type="Custom::SageMakerModelPackages",
        service_token=provider.service_token,
        properties={"ModelPackageGroupName": group.model_package_group_name},
    )
    made.node.add_dependency(provider.permissions)
    return made


def delivered(scope: Construct, name_prefix: str) -> CustomResource:
    """The models and endpoint configurations whose names begin with a prefix, as a resource that deletes them."""
    provider = RegistryProvider.of(scope)
    provider.allow_delivered(name_prefix)
    made = CustomResource(
        scope,
        "Delivered",
        resource_type="Custom::SageMakerDelivered",
        service_token=provider.service_token,
        properties={"NamePrefix": name_prefix},
    )
    made.node.add_dependency(provider.permissions)
    return made
