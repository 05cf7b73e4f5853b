"""How ministack has a service answer a request."""

from collections.abc import Awaitable, Callable, Mapping

ServiceAnswer = tuple[int, dict[str, str], bytes]
ServiceHandler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[ServiceAnswer]]
"""Method, path, headers (names in lower case), body, query -> status, headers, body."""
