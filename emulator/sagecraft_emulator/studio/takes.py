"""What is in Studio takes of quotas."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sagecraft_emulator.quotas.takes import Takes, each_one
from sagecraft_emulator.state.store import Record, Store

if TYPE_CHECKING:
    from sagecraft_catalog.quota.demand import Demands


def _asked_by_app(_: Store, app: Record) -> "Demands":
    from sagecraft_catalog.quota import demand  # noqa: PLC0415 - few emulators ever need it

    return demand.app(demand.known_request(app.body))


TAKES: Final[Mapping[str, Takes]] = {
    "Domain": each_one("Total domains"),
    "UserProfile": each_one("Maximum number of Studio user profiles allowed per account"),
    "Space": each_one("Maximum number of Studio spaces allowed per account"),
    "App": Takes(asked=_asked_by_app, statuses=frozenset({"Pending", "InService"})),
}
