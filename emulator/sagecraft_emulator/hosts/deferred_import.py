"""Packages that a host imports at its beginning and most users of it never need: imported when they are used."""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def defer_import(name: str) -> None:
    """Has whoever imports a package get what imports it at its first use. One that is imported already stays.

    Args:
        name: The package; one that is not installed cannot be imported, as before.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        sys.modules[name] = deferred = _Deferred(name)
        deferred.__spec__ = spec


class _Deferred(ModuleType):
    """Stands for a package. Unlike the standard library's lazy module, it may be used by several threads at once."""

    def __getattr__(self, attribute: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), attribute)
