"""The JSON files that hold the facts; each says in its `source` key where they come from."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed content of `data/<name>.json`, read once per process."""
    file = resources.files("sagecraft_catalog").joinpath("data", f"{name}.json")
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


@cache
def names_in(folder: str) -> tuple[str, ...]:
    """The names of the JSON files of a folder below `data`, in their order."""
    files = resources.files("sagecraft_catalog").joinpath("data", folder).iterdir()
    return tuple(sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json")))
