"""The default event bus of ministack, which takes events of AWS's own services from no client."""

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any, Final

from sagecraft_emulator.events.event import Event

PUT_SECONDS: Final = 30.0


class EventBus:
    """Matches events against rules, and takes them to the rules' targets and to archives.

    Args:
        module: Returns ministack's EventBridge.
        loop: Returns the event loop that serves requests, where ministack's state is changed.
        enter: Makes the present task serve an account and region.
        touched: Says that the state changed.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this

    def __init__(
        self,
        module: Callable[[], Any],
        loop: Callable[[], asyncio.AbstractEventLoop],
        enter: Callable[[str, str], None],
        touched: Callable[[], None],
    ) -> None:
        self._module = module
        self._loop = loop
        self._enter = enter
        self._touched = touched

    def put(self, event: Event) -> None:
        """Delivers an event. Call it on a thread other than the event loop's.

        A target that cannot be reached is logged by ministack, and the others get the event.
        """
        events, place = self._module(), (event.account, event.region)
        if not any(waiting.values_scoped(*place) for waiting in (events._rules, events._archives)):
            return
        asyncio.run_coroutine_threadsafe(self._dispatch(events, event), self._loop()).result(PUT_SECONDS)
        self._touched()

    async def _dispatch(self, events: Any, event: Event) -> None:
        self._enter(event.account, event.region)
        record = {
            "EventId": str(uuid.uuid4()),
            "Source": event.source,
            "DetailType": event.detail_type,
            "Detail": json.dumps(event.detail),
            "EventBusName": "default",
            "Time": int(event.time),
            "Resources": list(event.resources),
            "Account": event.account,
            "Region": event.region,
        }
        view = events._pattern_event_view(record)
        events._dispatch_event(record, view)
        events._archive_event(record, view)
