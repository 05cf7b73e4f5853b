"""What the emulator is told of Studio."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sagecraft_emulator.api.settling import SettlingClock
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.state.store import Record, Store

from .app import APP_STATES, AppKind
from .apps.fleet import AppFleet
from .apps.server import ROLE
from .domain import ENTITY_STATES, DomainKind
from .home import HostFileSystems, NoFileSystems
from .images.app_image_config import AppImageConfigKind
from .images.attached import AttachedImages
from .images.image import IMAGE_STATES, ImageKind
from .images.version import IMAGE_VERSION_STATES, ImageVersionKind
from .lifecycle_config import StudioLifecycleConfigKind
from .metered import APP, SPACE
from .owner_keys import owner_keys
from .resource_types import RESOURCE_TYPES
from .space import SpaceKind
from .takes import TAKES
from .user_profile import UserProfileKind


def _make(means: Means) -> Made:
    store = means.store
    opens = means.execute == "real" and means.notebooks == "open"
    apps = AppFleet(store, means.machine, means.images) if opens else None
    if apps is None:
        _fail_apps(store)
    is_real = means.surroundings is not None
    domains = DomainKind(store, HostFileSystems(means.machine.clients) if is_real else NoFileSystems())
    profiles, images = UserProfileKind(store, domains), ImageKind(store)
    spaces = SpaceKind(store, domains, profiles, apps)
    versions, configs = ImageVersionKind(store, images), AppImageConfigKind(store)
    settling = [
        domains,
        profiles,
        spaces,
        AppKind(store, domains, profiles, spaces, AttachedImages(versions, configs), apps),
        images,
        versions,
    ]
    clock = SettlingClock(store, settling)
    kinds = [*settling, StudioLifecycleConfigKind(store), configs]
    if apps is None:
        return Made(kinds=kinds, start=clock.start, stop=clock.stop)
    return Made(
        kinds=kinds,
        start=clock.start,
        recover=apps.recover,
        reset=apps.reset,
        stop=partial(_stop, clock, apps),
        admit=apps.gate.admit,
    )


def _stop(clock: SettlingClock, apps: AppFleet) -> None:
    clock.stop()
    apps.shutdown()


def _fail_apps(store: Store) -> None:
    """Takes note that the apps of an earlier emulator, in which they ran, do not run in this one."""
    for record in store.find("App", statuses={"Pending", "InService"}):
        reason = "The emulator was started anew with notebook instances that do not open, and so it runs no apps."
        store.update(record.key, status="Failed", body={"FailureReason": reason})


def _roles_of_app(store: Store, app: Record) -> list[str]:
    del store
    return [app.body[ROLE]] if ROLE in app.body else []


def _status_in_words(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Events of images spell the status as other resources do: `Creating`."""
    return {
        member: "".join(word.capitalize() for word in value.split("_")) if member.endswith("Status") else value
        for member, value in detail.items()
    }


STUDIO: Final = Noun(
    make=_make,
    states={
        "Domain": ENTITY_STATES,
        "UserProfile": ENTITY_STATES,
        "Space": ENTITY_STATES,
        "App": APP_STATES,
        "Image": IMAGE_STATES,
        "ImageVersion": IMAGE_VERSION_STATES,
    },
    events=(
        StateChange(kind="Image", detail_type="SageMaker Image State Change", spell=_status_in_words),
        StateChange(kind="ImageVersion", detail_type="SageMaker Image Version State Change", spell=_status_in_words),
    ),
    resource_types=RESOURCE_TYPES,
    roles={"App": _roles_of_app, "Domain": own_roles, "UserProfile": own_roles, "Image": own_roles},
    metered={"App": APP, "Space": SPACE},
    known_keys=owner_keys,
    shown=("Domain", "UserProfile", "Space", "App"),
    takes=TAKES,
)
