"""`AWS::Lambda::Function`, whose processes ministack lets go on when it is deleted."""

import threading
from collections.abc import Callable, Mapping
from typing import Any


class FunctionProvisioner:
    """Deletes functions as ministack does, and ends their processes.

    Args:
        own: ministack's handlers of the type.
        end: Ends the processes of a function, by its name, account and region; it may take seconds.
        whose: The account and region of the present stack operation.
    """

    def __init__(
        self, own: Mapping[str, Any], end: Callable[[str, str, str], None], whose: Callable[[], tuple[str, str]]
    ) -> None:
        self._delete: Callable[[str, dict[str, Any]], None] = own["delete"]
        self._end, self._whose = end, whose

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Deletes a function; its processes end soon, on a thread, because this runs on the event loop."""
        self._delete(physical_id, properties)
        arguments = (physical_id, *self._whose())
        threading.Thread(target=self._end, args=arguments, name=f"end-{physical_id}", daemon=True).start()
