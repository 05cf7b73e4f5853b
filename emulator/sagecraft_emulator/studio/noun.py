"""What the emulator is told of Studio."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.settling import SettlingClock
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles

from .app import APP_STATES, AppKind
from .domain import ENTITY_STATES, DomainKind
from .home import HostFileSystems, NoFileSystems
from .images.app_image_config import AppImageConfigKind
from .images.image import IMAGE_STATES, ImageKind
from .images.version import IMAGE_VERSION_STATES, ImageVersionKind
from .lifecycle_config import StudioLifecycleConfigKind
from .owner_keys import owner_keys
from .resource_types import RESOURCE_TYPES
from .space import SpaceKind
from .user_profile import UserProfileKind


def _make(means: Means) -> Made:
    store = means.store
    is_real = means.surroundings is not None
    domains = DomainKind(store, HostFileSystems(means.machine.clients) if is_real else NoFileSystems())
    profiles, images = UserProfileKind(store, domains), ImageKind(store)
    settling = [
        domains,
        profiles,
        SpaceKind(store, domains, profiles),
        AppKind(store, domains),
        images,
        ImageVersionKind(store, images),
    ]
    clock = SettlingClock(store, settling)
    kinds = [*settling, StudioLifecycleConfigKind(store), AppImageConfigKind(store)]
    return Made(kinds=kinds, start=clock.start, stop=clock.stop)


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
    roles={"Domain": own_roles, "UserProfile": own_roles, "Image": own_roles},
    known_keys=owner_keys,
    shown=("Domain", "UserProfile", "Space", "App"),
)
