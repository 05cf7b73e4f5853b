"""The endpoints that stand somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.section import Remark, Section

API: Final = Api("Endpoint", "endpoint", "Endpoints")


@dataclass(frozen=True)
class EndpointState:
    """An endpoint, and what stands behind it."""

    name: str
    region: str
    status: str
    failure_reason: str | None
    endpoint_config: str
    instances: int


def _state(name: str, region: str, endpoint: Mapping[str, Any]) -> EndpointState:
    return EndpointState(
        name=name,
        region=region,
        status=endpoint["EndpointStatus"],
        failure_reason=endpoint.get("FailureReason"),
        endpoint_config=endpoint.get("EndpointConfigName", ""),
        instances=sum(each.get("CurrentInstanceCount", 0) for each in endpoint.get("ProductionVariants", [])),
    )


def _row(endpoint: EndpointState) -> tuple[str, ...]:
    reason = "" if endpoint.failure_reason is None else endpoint.failure_reason
    return endpoint.name, endpoint.status, str(endpoint.instances), reason


ENDPOINTS: Final = Section(
    key="endpoints",
    resource_type="AWS::SageMaker::Endpoint",
    api=API,
    state=_state,
    columns=("Endpoint", "Status", "Instances", ""),
    row=_row,
    hint=lambda endpoint: Remark("Ask it: ", f"sagecraft invoke {endpoint.name} FILE.csv"),
)
