"""The models of AWS's services, which each session of botocore reads anew, and a test makes many."""

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader


def read_once() -> None:
    """Has this process read each file of botocore's once."""
    read = cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = lambda _, file_path: _own(read(file_path))  # type: ignore[method-assign,assignment]


def _own(content: Any) -> Any:
    """A model whose metadata are the reader's own: moto adds to them."""
    if isinstance(content, dict) and "metadata" in content:
        return {**content, "metadata": {**content["metadata"]}}
    return content
