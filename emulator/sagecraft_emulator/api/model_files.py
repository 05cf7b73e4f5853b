"""botocore's files of service models and endpoints, read into less memory than botocore does.

Two thirds of a service model is documentation, which nothing here asks for, and botocore makes an `OrderedDict` of each
object, which is three times as large as a `dict`. A tenth of the rest is ever used, so it stays text until it is.
Every client is told its endpoint, and looks up none.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader

_HEAD_BYTES: Final = 4096
_GZIP: Final = 31
"""What `zlib` calls the format of a gzip file."""
_METADATA: Final = '"metadata":'
_PARTITION: Final = frozenset({"partition", "regionRegex", "services"})
"""Members of a partition in `endpoints.json`, whose services are four MiB; needed are those without a region."""
_PACKED: Final = ("operations", "shapes")
_OF_ALL_REGIONS: Final = "cloudformation"
"""The service whose regions tell which there are."""


@cache
def model_loader() -> Loader:
    """The loader of this process, for whoever reads a model or makes a client."""
    return _LeanLoader(file_loader=_LeanFiles())


def read_model(file: Path) -> dict[str, Any]:
    """A model that is read once, and not kept."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    model: dict[str, Any] = json.loads(content, object_hook=_without_what_is_not_asked_for)
    return model


def read_metadata(service: str) -> dict[str, Any] | None:
    """What the model of a service begins with, such as its protocol, without the rest; None where there is none."""
    loader = model_loader()
    try:
        version = loader.determine_latest_version(service, "service-2")
    except DataNotFoundError:
        return None
    places = [Path(path) / service / version / "service-2.json" for path in loader.search_paths]
    files = [file for place in places for file in (place, place.with_suffix(".json.gz"))]
    return next((metadata_of(file) for file in files if file.is_file()), None)


def metadata_of(file: Path) -> dict[str, Any]:
    """What a model begins with, of which little is read."""
    with file.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    text = (zlib.decompressobj(_GZIP).decompress(head) if file.suffix == ".gz" else head).decode(errors="replace")
    try:
        metadata: dict[str, Any] = json.JSONDecoder().raw_decode(text, text.find("{", text.find(_METADATA)))[0]
    except ValueError:  # it stands further down
        metadata = read_model(file)["metadata"]
    return metadata


class _LeanLoader(Loader):
    """Looks for the service that it is asked for, and not through all of them first."""

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """A service's model, or another of its files."""
        model = super().load_service_model(service_name, type_name, api_version)
        for part in _PACKED:  # once: botocore keeps what it has loaded
            if isinstance(members := model.get(part), dict):
                model[part] = _Packed(members)
        return model

    def list_available_services(self, type_name: str) -> Any:
        """The services that have a file of this type."""
        return _Services(self, type_name)


class _Packed(Mapping[str, Any]):
    """Parts of a model by name. Each is text, and made anew for whoever asks, who keeps what comes of it."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self._texts = {name: json.dumps(part, separators=(",", ":")) for name, part in parts.items()}

    def __getitem__(self, name: str) -> Any:
        return json.loads(self._texts[name])

    def __contains__(self, name: object) -> bool:
        return name in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class _Services(Sequence[str]):
    """Names of services, which are looked for when more is asked than whether one is among them."""

    def __init__(self, loader: Loader, type_name: str) -> None:
        self._loader, self._type_name = loader, type_name

    def __contains__(self, name: object) -> bool:
        try:
            return bool(self._loader.list_api_versions(str(name), self._type_name))
        except DataNotFoundError:
            return False

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: Any) -> Any:
        return self._all[index]

    @cached_property
    def _all(self) -> list[str]:
        names: list[str] = Loader.list_available_services(self._loader, self._type_name)
        return names


class _LeanFiles(JSONFileLoader):
    """Reads files without what nothing here asks for."""

    def load_file(self, file_path: str) -> Any:
        """The content of a file whose name is given without its ending, or None where there is no such file."""
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        return next((read_model(file) for file in (plain, packed) if file.is_file()), None)


def _without_what_is_not_asked_for(members: dict[str, Any]) -> dict[str, Any]:
    # A member of that name may also be a shape's, whose value is no text.
    if isinstance(members.get("documentation"), str):
        members["documentation"] = ""
    if members.keys() >= _PARTITION:
        services = members["services"].items()
        members["services"] = {
            name: service for name, service in services if "partitionEndpoint" in service or name == _OF_ALL_REGIONS
        }
    return members
