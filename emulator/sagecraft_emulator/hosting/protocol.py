"""What the control plane asks of the part that hosts."""

from collections.abc import Mapping
from typing import Protocol

from sagecraft_emulator.state.store import RecordKey


class Endpoints(Protocol):
    """Runs the processes behind endpoints; writes what becomes of them into their records."""

    def deploy(self, key: RecordKey) -> None:
        """Brings an endpoint that is `Creating` or `Updating` to its `_TargetConfigName`; returns at once."""

    def delete(self, key: RecordKey) -> None:
        """Stops the processes of an endpoint that is `Deleting` and removes its record; returns at once."""

    def set_weights(self, key: RecordKey, weights: Mapping[str, float]) -> None:
        """Changes how traffic is shared between the variants of an endpoint.

        Raises:
            InvalidTransition: It is not in service.
        """
