"""Which settings hold for a user or a space: a domain's are the default.

Source: `DefaultUserSettings` and `DefaultSpaceSettings` in the API reference of `CreateDomain`.
"""

from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.state.store import Record

Settings = Mapping[str, Any]


def settings_of(domain: Record, profile: Record | None) -> Settings:
    """The settings of a user, or of what all users of a domain share.

    Args:
        domain: The domain.
        profile: The user's profile; None for what users share.
    """
    if profile is None:
        shared: Settings = domain.body.get("DefaultSpaceSettings", {})
        return shared
    default, own = domain.body["DefaultUserSettings"], profile.body.get("UserSettings", {})
    groups = [*default.get("SecurityGroups", []), *own.get("SecurityGroups", [])]
    return {**default, **own, **({"SecurityGroups": list(dict.fromkeys(groups))} if groups else {})}


def volume_sizes(settings: Settings) -> tuple[int, int]:
    """The default and the largest size of a space's volume, in GiB.

    Source: `DefaultEbsStorageSettings` in the API reference, and
    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-jl-admin-guide-storage.html
    """
    sizes = settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings", {})
    return sizes.get("DefaultEbsVolumeSizeInGb", 5), sizes.get("MaximumEbsVolumeSizeInGb", 100)
