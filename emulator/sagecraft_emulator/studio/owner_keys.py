"""By whose a space is, AWS authorizes who makes apps in it, or changes and deletes it.

Source: `sagemaker:OwnerUserProfileArn` and `sagemaker:SpaceSharingType` in
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import RecordKey, Store


def owner_keys(store: Store, request: Mapping[str, Any], caller: Caller) -> Mapping[str, object]:
    """The condition keys of the space that a request is about, whether it makes it or it is there."""
    domain_id, name = request.get("DomainId"), request.get("SpaceName")
    if not isinstance(domain_id, str) or not isinstance(name, str):
        return {}
    try:
        space: Mapping[str, Any] = store.get(RecordKey("Space", *caller, f"{domain_id}/{name}".lower())).body
    except RecordMissing:
        space = request
    owner, sharing = (space.get(member) for member in ("OwnershipSettings", "SpaceSharingSettings"))
    found: dict[str, object] = {}
    if isinstance(owner, Mapping):
        profile = f"{domain_id}/{owner.get('OwnerUserProfileName')}".lower()
        found["sagemaker:owneruserprofilearn"] = caller.arn("user-profile", profile)
    if isinstance(sharing, Mapping):
        found["sagemaker:spacesharingtype"] = str(sharing.get("SharingType"))
    return found
