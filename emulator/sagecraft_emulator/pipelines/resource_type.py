"""`AWS::SageMaker::Pipeline` in CloudFormation, whose `Ref` is the pipeline's name."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.orchestration.cloudformation import Provisioned, ResourceType
from sagecraft_emulator.state.store import Record

from .kind import LOCATION
from .records import PIPELINE
from .version_kind import DEFINITION

BODY: Final = "PipelineDefinitionBody"
_TOKEN: Final = "ClientRequestToken"  # noqa: S105 - a member of requests
_LOCATION: Final = {"Bucket": "Bucket", "Key": "ObjectKey", "Version": "VersionId"}
"""What the API calls the members of a place in S3; it has none for an ETag."""


class PipelineType(ResourceType):
    """`AWS::SageMaker::Pipeline`: its definition is a text, or an object in S3."""

    def physical_id(self, record: Record) -> str:
        """What `Ref` gives of the pipeline of a record."""
        return record.key.name

    def _delete(self, service: SageMakerService, caller: Caller, name: str) -> None:
        service.call("DeletePipeline", {**self._members_of(name), _TOKEN: uuid.uuid4().hex}, caller)

    def _arn(self, service: SageMakerService, caller: Caller, physical_id: str) -> str:  # noqa: ARG002 - by its name
        return caller.arn("pipeline", physical_id)

    def _provisioned(self, service: SageMakerService, caller: Caller, name: str, arn: str) -> Provisioned:  # noqa: ARG002
        return Provisioned(name, {"PipelineName": name})

    def _renamed(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties as the API has them, whose clients add a token by themselves."""
        request = {
            _TOKEN: uuid.uuid4().hex,
            **{name: value for name, value in properties.items() if name != DEFINITION},
        }
        given = properties.get(DEFINITION)
        if isinstance(given, Mapping) and LOCATION in given:
            place = given[LOCATION]
            request[LOCATION] = {_LOCATION[name]: each for name, each in place.items() if name in _LOCATION}
        elif isinstance(given, Mapping):
            body = given.get(BODY)
            request[DEFINITION] = body if isinstance(body, str) else json.dumps(body)
        return request


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {
    "AWS::SageMaker::Pipeline": PipelineType(PIPELINE, frozenset({"PipelineName"})),
}
