"""boto3 clients to moto's server, in the account that the engine asks for."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.events.event import Event

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

_ACCOUNT_HEADER = "x-moto-account-id"


class MotoClients(Clients):
    """moto tells accounts by access keys that it has given out, or by a header of its own; the engine uses the latter.

    Args:
        endpoint_url: Where moto's server answers.
    """

    def put_event(self, event: Event) -> None:
        """Takes an event to the default event bus.

        Raises:
            EmulatorError: moto refuses it.
        """
        client: EventBridgeClient = self._client("events", event.account, event.region)  # type: ignore[assignment]  # one cache
        refused = client.put_events(
            Entries=[
                {
                    "Source": event.source,
                    "DetailType": event.detail_type,
                    "Detail": json.dumps(event.detail),
                    "Resources": list(event.resources),
                    "Time": datetime.fromtimestamp(event.time, UTC),
                }
            ]
        )
        if refused["FailedEntryCount"]:
            raise EmulatorError(f"moto's EventBridge refused an event: {refused['Entries'][0]}")

    def _make(self, service: str, account: str, region: str) -> Any:
        client = super()._make(service, account, region)

        def name_account(request: Any, **_: object) -> None:
            request.headers[_ACCOUNT_HEADER] = account

        client.meta.events.register("before-sign", name_account)
        return client
