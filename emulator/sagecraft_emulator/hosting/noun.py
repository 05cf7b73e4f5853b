"""What the emulator is told of models, endpoint configurations and endpoints."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.registry.kinds import model_packages
from sagecraft_emulator.state.states import CREATED, States

from .endpoint import ENDPOINT_TAKES, EndpointKind
from .endpoint_config import EndpointConfigKind
from .fleet import EndpointFleet
from .instant import InstantEndpoints
from .metered import ENDPOINT
from .model import ModelKind
from .resource_types import RESOURCE_TYPES
from .roles import roles_of_endpoint

_ENDPOINT_STATES: Final = States(
    {
        CREATED: {"Creating"},
        "Creating": {"InService", "Failed", "Deleting"},
        "InService": {"Updating", "SystemUpdating", "Deleting"},
        "Updating": {"InService", "RollingBack", "Failed", "Deleting"},
        "RollingBack": {"InService", "UpdateRollbackFailed", "Deleting"},
        "SystemUpdating": {"InService", "Failed", "Deleting"},
        "UpdateRollbackFailed": {"Updating", "Deleting"},
        "Failed": {"Deleting"},
        "Deleting": {"Failed"},
    }
)
"""Source: `EndpointStatus` in SageMaker's service model, and the description of each in the API reference."""
_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _make(means: Means) -> Made:
    store = means.store
    models, configs = ModelKind(store, model_packages(means), means.surroundings), EndpointConfigKind(store)
    if means.execute == "instant":
        instant = InstantEndpoints(store)
        return Made(kinds=[models, configs, EndpointKind(store, instant)], begin_invocation=instant.begin_invocation)
    fleet = EndpointFleet(store, means.machine, means.images)
    return Made(
        kinds=[models, configs, EndpointKind(store, fleet)],
        recover=fleet.recover,
        reset=fleet.reset,
        stop=fleet.shutdown,
        begin_invocation=fleet.begin_invocation,
    )


def _status_in_capitals(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Endpoints' events alone spell the status like this."""
    return {**detail, "EndpointStatus": _WORD_BOUNDARY.sub("_", detail["EndpointStatus"]).upper()}


HOSTING: Final = Noun(
    make=_make,
    states={"Endpoint": _ENDPOINT_STATES},
    events=(
        StateChange(kind="Model", detail_type="SageMaker Model State Change", when_deleted=True),
        StateChange(kind="EndpointConfig", detail_type="SageMaker Endpoint Config State Change", when_deleted=True),
        StateChange(kind="Endpoint", detail_type="SageMaker Endpoint State Change", spell=_status_in_capitals),
    ),
    resource_types=RESOURCE_TYPES,
    tasks={"createModel": None, "createEndpointConfig": None, "createEndpoint": None, "updateEndpoint": None},
    metered={"Endpoint": ENDPOINT},
    roles={"Model": own_roles, "Endpoint": roles_of_endpoint},
    shown=("Model", "EndpointConfig", "Endpoint"),
    takes={"Endpoint": ENDPOINT_TAKES},
)
