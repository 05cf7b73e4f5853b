"""SageMaker's resource types in LocalStack's CloudFormation."""

from typing import Any, Final

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import Provisioned, ResourceFailed, ResourceType

from . import engine

PREFIX: Final = "AWS::SageMaker::"
ID: Final = "SagecraftPhysicalId"
GIVEN: Final = "SagecraftGivenProperties"
"""LocalStack keeps one object for a resource, with properties and attributes: here is what the template gave."""


class SageMakerResourceProvider(ResourceProvider):  # type: ignore[misc]  # LocalStack is in environments of its own
    """Makes, changes and removes the resources of one type.

    Args:
        resource_type: How that is done.
    """

    def __init__(self, resource_type: ResourceType) -> None:
        self._type = resource_type
        self.SCHEMA = {
            "primaryIdentifier": [f"/properties/{ID}"],
            "createOnlyProperties": [f"/properties/{name}" for name in sorted(resource_type.create_only)],
        }

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Makes a resource; returns when it works."""
        try:
            made = self._type.create(
                engine.current().engine.service, _caller(request), _logical_id(request), request.desired_state
            )
        except (ResourceFailed, ApiError) as error:
            return failed(error)
        return _succeeded(made, request.desired_state)

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Changes a resource in place, or makes another one in its stead."""
        present = request.previous_state[ID]
        try:
            made = self._type.update(
                engine.current().engine.service,
                _caller(request),
                present,
                _logical_id(request),
                request.previous_state[GIVEN],
                request.desired_state,
            )
            if made.physical_id != present:
                self._type.delete(engine.current().engine.service, _caller(request), present)
        except (ResourceFailed, ApiError) as error:
            return failed(error)
        return _succeeded(made, request.desired_state)

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        """Removes a resource; returns when it is gone."""
        physical_id = (request.previous_state or {}).get(ID)
        if physical_id is not None:
            try:
                self._type.delete(engine.current().engine.service, _caller(request), physical_id)
            except (ResourceFailed, ApiError) as error:
                return failed(error)
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})


class _Plugin(CloudFormationResourceProviderPlugin):  # type: ignore[misc]  # as above
    def load(self, *_args: object, **_options: object) -> None:
        """Is asked by LocalStack before the first use."""

    def factory(self) -> SageMakerResourceProvider:
        """Makes the provider."""
        return SageMakerResourceProvider(NOUNS.resource_types[self.name])


def __getattr__(name: str) -> type[_Plugin]:
    """The plug-in of a type, by the last part of its name: LocalStack finds each by an entry point of its own.

    Raises:
        AttributeError: No noun has such a type.
    """
    type_name = f"{PREFIX}{name}"
    if type_name not in NOUNS.resource_types:
        raise AttributeError(f"module {__name__} has no attribute '{name}'")
    return type(name, (_Plugin,), {"name": type_name})


def failed(reason: object) -> ProgressEvent:
    """What LocalStack is told of a resource that could not be made, changed or removed."""
    return ProgressEvent(status=OperationStatus.FAILED, resource_model={}, message=str(reason))


def _succeeded(made: Provisioned, given: dict[str, Any]) -> ProgressEvent:
    model = {**given, **made.attributes, "Id": made.physical_id, ID: made.physical_id, GIVEN: given}
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def _caller(request: ResourceRequest) -> Caller:
    return Caller(request.account_id, request.region_name)


def _logical_id(request: ResourceRequest) -> str:
    return f"{request.stack_name}-{request.logical_resource_id}"
