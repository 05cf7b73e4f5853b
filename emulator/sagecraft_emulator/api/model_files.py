"""botocore's files of service models and endpoints, read into less memory than botocore does.

Two thirds of a service model is documentation, which nothing here asks for, and botocore makes an `OrderedDict` of each
object, which is three times as large as a `dict`.
"""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


@cache
def model_loader() -> Loader:
    """The loader of this process, for whoever reads a model or makes a client."""
    return Loader(file_loader=_LeanFiles())


def read_model(file: Path) -> dict[str, Any]:
    """A model that is read once, and not kept."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    model: dict[str, Any] = json.loads(content, object_hook=_without_documentation)
    return model


class _LeanFiles(JSONFileLoader):
    """Reads files with all documentation empty."""

    def load_file(self, file_path: str) -> Any:
        """The content of a file whose name is given without its ending, or None where there is no such file."""
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        return next((read_model(file) for file in (plain, packed) if file.is_file()), None)


def _without_documentation(members: dict[str, Any]) -> dict[str, Any]:
    # A member of that name may also be a shape's, whose value is no text.
    if isinstance(members.get("documentation"), str):
        members["documentation"] = ""
    return members
