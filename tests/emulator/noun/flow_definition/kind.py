"""Flow definitions, as far as a test of nouns needs them."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind


class FlowDefinitionKind(ResourceKind):
    """`CreateFlowDefinition` and its siblings."""

    kind, arn_type, spoken = "FlowDefinition", "flow-definition", "flow definition"
    plural, list_member = "FlowDefinitions", "FlowDefinitionSummaries"

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        return {"FlowDefinitionArn": self.add(caller, request, status="Initializing", body={}).arn}
