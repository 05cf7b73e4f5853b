"""What each session of botocore, and each client, finds out anew, and a test makes many of them."""

from functools import cache
from typing import Any

from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader


def read_once() -> None:
    """Has this process read each of botocore's files once, list the services once, and look up an event's name once."""
    read = cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = lambda _, file_path: _own(read(file_path))  # type: ignore[method-assign,assignment]
    list_services, listed = Loader.list_available_services, dict[tuple[str, ...], list[str]]()

    def list_once(loader: Loader, type_name: str) -> list[str]:
        asked = (type_name, *loader.search_paths)
        if asked not in listed:
            listed[asked] = list_services(loader, type_name)
        return listed[asked]

    Loader.list_available_services = list_once  # type: ignore[method-assign,assignment]
    find, aliaser = EventAliaser._alias_event_name, EventAliaser(None)  # type: ignore[attr-defined,arg-type]
    EventAliaser._alias_event_name = lambda _, name: find(aliaser, name)  # type: ignore[attr-defined]


def _own(content: Any) -> Any:
    """A model whose metadata are the reader's own: moto adds to them."""
    if isinstance(content, dict) and "metadata" in content:
        return {**content, "metadata": {**content["metadata"]}}
    return content
