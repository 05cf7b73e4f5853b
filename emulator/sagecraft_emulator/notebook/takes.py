"""What notebook instances take of quotas."""

from typing import TYPE_CHECKING, Final

from sagecraft_emulator.quotas.takes import Takes
from sagecraft_emulator.state.store import Record, Store

if TYPE_CHECKING:
    from sagecraft_catalog.quota.demand import Demands

_RUNNING: Final = frozenset({"Pending", "InService", "InMaintenance", "Stopping", "Updating"})


def _asked(_: Store, record: Record) -> "Demands":
    """One of all that there may be, whether it runs or not, and its instance while it runs."""
    from sagecraft_catalog.quota import demand  # noqa: PLC0415 - few emulators ever need it

    one = demand.one_of("Total number of notebook instances")
    if record.status not in _RUNNING:
        return one
    return (*demand.notebook_instance(demand.known_request(record.body)), *one)


NOTEBOOK_INSTANCE_TAKES: Final = Takes(asked=_asked)
