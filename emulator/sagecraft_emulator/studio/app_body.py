"""What the record of an app has besides what was asked for: the settings of its space, its user and its domain."""

from collections.abc import Mapping
from functools import reduce
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import RecordMissing, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .apps.server import IDLE_MINUTES, IMAGE, OWNER, ROLE, SCRIPT, VOLUME_GIB
from .images.attached import AttachedImages, over
from .settings import idle_minutes, settings_of, volume_sizes

_SETTINGS: Final = "JupyterLabAppSettings"
_SPEC: Final[Mapping[str, str]] = {"InstanceType": "ml.t3.medium"}


def app_body(
    store: Store,
    images: AttachedImages,
    app_arn: str,
    domain: Record,
    space: Record,
    owner: Record | None,
    request: Mapping[str, Any],
) -> dict[str, Any]:
    """The members.

    Args:
        store: Where records are.
        images: Finds its image.
        app_arn: What its ARN is going to be.
        domain: Of the space.
        space: What the app is in.
        owner: Whose the space is; None of one that users share.
        request: What was asked for.

    Raises:
        ApiError: There is no execution role, no such lifecycle configuration, or no such image that it may run.
    """
    settings, own = settings_of(domain, owner), space.body.get("SpaceSettings", {})
    if "ExecutionRole" not in settings:
        raise validation_error(
            f"Space [{space.arn}] is shared, and its domain has no ExecutionRole in DefaultSpaceSettings."
        )
    of_app = settings.get(_SETTINGS, {})
    specs = [each.get("DefaultResourceSpec", {}) for each in (of_app, own.get(_SETTINGS, {}))]
    spec = reduce(over, [*specs, request.get("ResourceSpec", {})], _SPEC)
    caller = Caller(space.key.account, space.key.region)
    image, said = images.of_app(caller, app_arn, spec, of_app)
    script = spec.get("LifecycleConfigArn")
    default_gib, _ = volume_sizes(settings)
    storage = own.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    members = {
        "ResourceSpec": {**spec, **said},
        ROLE: settings["ExecutionRole"],
        VOLUME_GIB: storage.get("EbsVolumeSizeInGb", default_gib),
        OWNER: None if owner is None else owner.body["UserProfileName"],
        SCRIPT: None if script is None else _script(store, domain.key, app_arn, script, of_app),
        IMAGE: image,
        IDLE_MINUTES: idle_minutes(settings, own),
    }
    return {member: value for member, value in members.items() if value is not None}


def _script(store: Store, beside: RecordKey, app_arn: str, arn: str, settings: Mapping[str, Any]) -> str:
    """The script of a lifecycle configuration, in base64; it has to be one of those that are offered.

    Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1568, where it fails else
    """
    try:
        config = store.get(beside._replace(kind="StudioLifecycleConfig", name=arn.rpartition("/")[2]))
    except RecordMissing:
        raise resource_not_found(f"StudioLifecycleConfig [{arn}] does not exist.") from None
    if arn not in settings.get("LifecycleConfigArns", []):
        raise validation_error(
            f"Unable to launch App [{app_arn}] with StudioLifecycleConfig [{arn}] because it is not present in "
            "LifecycleConfigArns in AppSettings. Please update AppSettings to add it."
        )
    content: str = config.body["StudioLifecycleConfigContent"]
    return content
