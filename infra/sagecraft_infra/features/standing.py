"""The feature groups that stand somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.section import Remark, Section

API: Final = Api("FeatureGroup", "feature_group", "FeatureGroupSummaries")


@dataclass(frozen=True)
class FeatureGroupState:
    """A feature group.

    Attributes:
        name: As it was given.
        region: Where it is.
        status: Of the group.
        stores: Which it has.
        features: How many.
        reason: Why it could not be made, or why its records do not reach the offline store; None where all is well.
    """

    name: str
    region: str
    status: str
    stores: tuple[str, ...]
    features: int
    reason: str | None


def _state(name: str, region: str, group: Mapping[str, Any]) -> FeatureGroupState:
    has = {
        "online": group.get("OnlineStoreConfig", {}).get("EnableOnlineStore", False),
        "offline": "OfflineStoreConfig" in group,
    }
    return FeatureGroupState(
        name=name,
        region=region,
        status=group["FeatureGroupStatus"],
        stores=tuple(store for store, there in has.items() if there),
        features=len(group["FeatureDefinitions"]),
        reason=group.get("FailureReason", group.get("OfflineStoreStatus", {}).get("BlockedReason")),
    )


def _remark(group: FeatureGroupState) -> Remark | None:
    return None if group.reason is None else Remark("", group.name, f": {group.reason}")


FEATURE_GROUPS: Final = Section(
    key="feature_groups",
    resource_type="AWS::SageMaker::FeatureGroup",
    api=API,
    state=_state,
    columns=("Feature group", "Status", "Stores", "Features"),
    row=lambda group: (group.name, group.status, ", ".join(group.stores), str(group.features)),
    remark=_remark,
)
