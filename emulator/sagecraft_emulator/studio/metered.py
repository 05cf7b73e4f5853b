"""What Studio costs: the instance of an app while it runs, and the volume of a space for as long as it is there."""

from typing import Final

from sagecraft_catalog.price.row import Component

from sagecraft_emulator.metering.metered import Members, Metered, machines, volume

_NO_INSTANCE: Final = "system"


def _instance(status: str | None, body: Members) -> str | None:
    instance_type: str = body.get("ResourceSpec", {}).get("InstanceType", _NO_INSTANCE)
    return None if status != "InService" or instance_type == _NO_INSTANCE else instance_type


def _gib(body: Members) -> int | None:
    storage: Members = body.get("SpaceSettings", {}).get("SpaceStorageSettings", {})
    size: int | None = storage.get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
    return size


APP: Final = Metered(
    by=_instance,
    charges=lambda _, record: machines(Component.STUDIO, [record.body["ResourceSpec"]]),
)
SPACE: Final = Metered(
    by=lambda _, body: _gib(body),
    charges=lambda _, record: volume(Component.STUDIO, _gib(record.body) or 0),
)
