"""How ministack has a service answer a request."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from urllib.parse import urlencode

ServiceAnswer = tuple[int, dict[str, str], bytes]
ServiceHandler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[ServiceAnswer]]
"""Method, path, headers (names in lower case), body, query -> status, headers, body."""


class Handlers(dict[str, ServiceHandler]):
    """What answers for each service, by its name; requests for any other service are refused."""

    def get(self, name: str, default: object = None) -> ServiceHandler:
        """What answers for a service."""
        del default
        return super().get(name) or partial(_refuse, name)


async def _refuse(
    service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
) -> ServiceAnswer:
    from sagecraft_emulator.api.absent_service import Asked, refuse  # noqa: PLC0415 - few emulators ever need it

    asked = Asked(method, path, urlencode(query, doseq=True), headers, body)
    refused = await asyncio.to_thread(refuse, service, asked)
    return refused.status, refused.headers, refused.body
