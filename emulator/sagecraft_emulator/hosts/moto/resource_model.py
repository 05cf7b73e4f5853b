"""SageMaker's resource types in moto's CloudFormation, made by our service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import Provisioned, ResourceFailed, ResourceType


@dataclass
class Resource:
    """A resource of a stack, with the members that moto's CloudFormation reads."""

    model: "ResourceModel"
    provisioned: Provisioned
    logical_id: str
    properties: Mapping[str, Any]

    @property
    def physical_resource_id(self) -> str:
        """What `Ref` gives."""
        return self.provisioned.physical_id

    def get_cfn_attribute(self, name: str) -> str:
        """What `Fn::GetAtt` gives."""
        return self.provisioned.attributes[name]

    def is_created(self) -> bool:
        """Whether it works."""
        return True

    def delete(self, account_id: str, region_name: str) -> None:
        """Removes it."""
        self.model.remove(self, Caller(account_id, region_name))


@dataclass(frozen=True)
class ResourceModel:
    """Does what moto's own class of a type does for a stack: its methods stand in place of that class's.

    Attributes:
        service: Ours.
        resource_type: How the type is made, changed and removed through it.
    """

    service: SageMakerService
    resource_type: ResourceType

    def create(
        self, resource_name: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Resource:
        """Makes a resource; `resource_name` is `STACK-LOGICAL_ID-SUFFIX` where the template gives no name."""
        properties = cloudformation_json["Properties"]
        logical_id = resource_name.rpartition("-")[0] or resource_name
        try:
            made = self.resource_type.create(self.service, Caller(account_id, region_name), logical_id, properties)
        except (ApiError, ResourceFailed) as error:
            raise _refused(error) from error
        return Resource(self, made, logical_id, properties)

    def update(
        self,
        original_resource: Resource,
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> Resource:
        """Changes a resource, or makes another in its place and removes it."""
        del new_resource_name
        caller, old = Caller(account_id, region_name), original_resource
        properties = cloudformation_json["Properties"]
        try:
            made = self.resource_type.update(
                self.service, caller, old.physical_resource_id, old.logical_id, dict(old.properties), properties
            )
        except (ApiError, ResourceFailed) as error:
            raise _refused(error) from error
        if made.physical_id != old.physical_resource_id:
            self.remove(old, caller)
        return Resource(self, made, old.logical_id, properties)

    def remove(self, resource: Resource, caller: Caller) -> None:
        """Removes a resource."""
        try:
            self.resource_type.delete(self.service, caller, resource.physical_resource_id)
        except (ApiError, ResourceFailed) as error:
            raise _refused(error) from error


def _refused(error: ApiError | ResourceFailed) -> Exception:
    """Moto's own exception, which it answers to whoever asked for the stack."""
    # Its package wants the extras of moto's CloudFormation, which whoever comes here has.
    from moto.cloudformation.exceptions import ValidationError  # noqa: PLC0415

    refused: Exception = ValidationError(message=str(error))
    return refused
