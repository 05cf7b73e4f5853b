"""Which settings hold for a user or a space: a domain's are the default.

Source: `UserSettings`, `DefaultUserSettings` and `DefaultSpaceSettings` in the API reference of `CreateDomain`.
"""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.errors import validation_error
from sagecraft_emulator.state.store import Record

Settings = Mapping[str, Any]

_JOINED: Final = frozenset({"SecurityGroups", "CustomImages", "LifecycleConfigArns", "CodeRepositories"})
"""What a user has besides that of the domain, and not in its place.

Sources: `UserSettings` in the API reference, and https://docs.aws.amazon.com/sagemaker/latest/dg/, the pages on images
(`studio-updated-byoi-how-to`), scripts (`studio-lifecycle-configurations`) and repositories (`studio-updated-git`) that
are attached to a domain or to a user profile
"""
_IDLE_APPS: Final = ("JupyterLabAppSettings", "CodeEditorAppSettings")
_USUAL_IDLE_MINUTES: Final = 10_080


def settings_of(domain: Record, profile: Record | None) -> Settings:
    """The settings of a user, or of what all users of a domain share.

    Args:
        domain: The domain.
        profile: The user's profile; None for what users share.
    """
    if profile is None:
        shared: Settings = domain.body.get("DefaultSpaceSettings", {})
        return shared
    return overlaid(domain.body["DefaultUserSettings"], profile.body.get("UserSettings", {}))


def overlaid(default: Settings, own: Settings) -> Settings:
    """Settings with those of somebody or something over them, whatever their depth."""
    found = {**default, **own}
    for member in default.keys() & own.keys():
        if isinstance(own[member], Mapping):
            found[member] = overlaid(default[member], own[member])
        elif member in _JOINED:
            found[member] = [each for each in default[member] if each not in own[member]] + own[member]
    return found


def volume_sizes(settings: Settings) -> tuple[int, int]:
    """The default and the largest size of a space's volume, in GiB.

    Source: `DefaultEbsStorageSettings` in the API reference, and
    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-jl-admin-guide-storage.html
    """
    sizes = settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings", {})
    return sizes.get("DefaultEbsVolumeSizeInGb", 5), sizes.get("MaximumEbsVolumeSizeInGb", 100)


def idle_minutes(settings: Settings, of_space: Settings) -> int | None:
    """After how many minutes in which nobody works SageMaker deletes the JupyterLab app of a space; None for never.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-idle-shutdown-setup.html

    Args:
        settings: As of `settings_of`.
        of_space: Those of the space, which may say another time, but not whether.
    """
    member, *_ = _IDLE_APPS
    idle = _idle(settings, member)
    if idle.get("LifecycleManagement") != "ENABLED":
        return None
    minutes: int = {**idle, **_idle(of_space, member)}.get("IdleTimeoutInMinutes", _USUAL_IDLE_MINUTES)
    return minutes


def check_idle_time(settings: Settings, of_space: Settings) -> None:
    """Passes what users may say for their spaces.

    Source: `MinIdleTimeoutInMinutes` and `MaxIdleTimeoutInMinutes` in the API reference of `IdleSettings`

    Raises:
        ApiError: It is out of the bounds that the domain or the user's profile sets.
    """
    for member in _IDLE_APPS:
        idle, minutes = _idle(settings, member), _idle(of_space, member).get("IdleTimeoutInMinutes")
        least, most = idle.get("MinIdleTimeoutInMinutes"), idle.get("MaxIdleTimeoutInMinutes")
        if minutes is None:
            continue
        if (least is not None and minutes < least) or (most is not None and minutes > most):
            bounds = [f"at {which} {each}" for which, each in (("least", least), ("most", most)) if each is not None]
            raise validation_error(f"IdleTimeoutInMinutes is {minutes}; here it must be {' and '.join(bounds)}.")


def _idle(settings: Settings, member: str) -> Settings:
    found: Settings = settings.get(member, {}).get("AppLifecycleManagement", {}).get("IdleSettings", {})
    return found
