"""What endpoints take of quotas."""

from typing import TYPE_CHECKING, Final

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.quotas.takes import Takes
from sagecraft_emulator.state.store import Record, Store

if TYPE_CHECKING:
    from sagecraft_catalog.quota.demand import Demand, Demands

_ACTIVE: Final = frozenset({"Creating", "InService", "Updating", "SystemUpdating", "RollingBack"})


def _asked(store: Store, endpoint: Record) -> "Demands":
    """The instances of its configuration; while it is moved to another, those of both, which run side by side.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    # The start of an emulator takes less without these, which few emulators need.
    from sagecraft_catalog.charge.span import ONE  # noqa: PLC0415
    from sagecraft_catalog.quota.demand import known_request, together, variants  # noqa: PLC0415

    names = {endpoint.body[member] for member in ("EndpointConfigName", "_TargetConfigName") if member in endpoint.body}
    found: list[Demand] = []
    for name in sorted(names):
        try:
            config = store.get(endpoint.key._replace(kind="EndpointConfig", name=name)).body
        except RecordMissing:  # it may be deleted while its endpoint is there
            continue
        listed = known_request(config).get("ProductionVariants").members()
        found += variants((each, each.get("InitialInstanceCount").span(ONE)) for each in listed)
    return together(found)


ENDPOINT_TAKES: Final = Takes(asked=_asked, statuses=_ACTIVE)
