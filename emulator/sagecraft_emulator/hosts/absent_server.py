"""The server that ministack brings, Hypercorn: nothing here needs it, and it takes a sixth of a start to import."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

_MODULES: Final = (
    "h11",
    "hypercorn",
    "hypercorn.config",
    "hypercorn.protocol",
    "hypercorn.protocol.events",
    "hypercorn.protocol.h11",
    "hypercorn.protocol.ws_stream",
    "ministack.core.hypercorn_compat",
)
"""What ministack's application imports of it, and changes, when it is imported itself."""


class _Empty(ModuleType):
    """A module in which there is any name that is asked for: a class that does nothing."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def without_hypercorn() -> Iterator[None]:
    """Imports nothing of Hypercorn meanwhile; who needs it later imports it as it is."""
    empty = {name: _Empty(name) for name in _MODULES if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]
