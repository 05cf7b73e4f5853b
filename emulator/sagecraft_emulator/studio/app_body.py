"""What the record of an app has besides what was asked for: the settings of its space, its user and its domain."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.errors import RecordMissing, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .apps.server import OWNER, ROLE, SCRIPT, VOLUME_GIB
from .settings import settings_of, volume_sizes

_SETTINGS: Final = "JupyterLabAppSettings"
_SPEC: Final = {"InstanceType": "ml.t3.medium"}


def app_body(
    store: Store, domain: Record, space: Record, owner: Record | None, request: Mapping[str, Any]
) -> dict[str, Any]:
    """The members.

    Args:
        store: Where records are.
        domain: Of the space.
        space: What the app is in.
        owner: Whose the space is; None of one that users share.
        request: What was asked for.

    Raises:
        ApiError: There is no execution role, or no such lifecycle configuration.
    """
    settings, own = settings_of(domain, owner), space.body.get("SpaceSettings", {})
    if "ExecutionRole" not in settings:
        raise validation_error(
            f"Space [{space.arn}] is shared, and its domain has no ExecutionRole in DefaultSpaceSettings."
        )
    specs = [each.get(_SETTINGS, {}).get("DefaultResourceSpec", {}) for each in (settings, own)]
    spec = {**_SPEC, **specs[0], **specs[1], **request.get("ResourceSpec", {})}
    default_gib, _ = volume_sizes(settings)
    storage = own.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    return {
        "ResourceSpec": spec,
        ROLE: settings["ExecutionRole"],
        VOLUME_GIB: storage.get("EbsVolumeSizeInGb", default_gib),
        **({} if owner is None else {OWNER: owner.body["UserProfileName"]}),
        **({SCRIPT: _script(store, domain.key, spec["LifecycleConfigArn"])} if "LifecycleConfigArn" in spec else {}),
    }


def _script(store: Store, beside: RecordKey, arn: str) -> str:
    """The script of a lifecycle configuration, in base64."""
    try:
        config = store.get(beside._replace(kind="StudioLifecycleConfig", name=arn.rpartition("/")[2]))
    except RecordMissing:
        raise resource_not_found(f"StudioLifecycleConfig [{arn}] does not exist.") from None
    content: str = config.body["StudioLifecycleConfigContent"]
    return content
