"""Feature groups: what their records are made of, and where these are kept."""

import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.settling import SettlingKind
from sagecraft_emulator.errors import ApiError, InvalidTransition, RecordMissing, resource_in_use, validation_error
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record, Store

from .group import Group, stores_of
from .offline.store import OfflineStore
from .online.runtime import ONLINE, not_found, owner_of
from .records import Records
from .request import body_of, change_of, request_problems

STATES: Final = States(
    {
        CREATED: {"Creating"},
        "Creating": {"Created", "CreateFailed", "Deleting"},
        "Created": {"Deleting"},
        "CreateFailed": {"Deleting"},
        "Deleting": {"DeleteFailed"},
        "DeleteFailed": {"Deleting"},
    }
)
"""Source: `FeatureGroupStatus` in SageMaker's service model."""


class FeatureGroupKind(SettlingKind):
    """`CreateFeatureGroup` and its siblings.

    Args:
        store: Where the groups are.
        records: Where their records are.
        offline: Makes offline stores ready; None where nothing need be there.
    """

    kind, arn_type, spoken = "FeatureGroup", "feature-group", "FeatureGroup"
    plural, list_member = "FeatureGroups", "FeatureGroupSummaries"
    filters = frozenset({"FeatureGroupStatusEquals", "OfflineStoreStatusEquals"})
    searched_as = "FeatureGroup"
    settles: Mapping[str, str | None] = {"Creating": "Created", "Deleting": None}

    def __init__(self, store: Store, records: Records, offline: OfflineStore | None) -> None:
        super().__init__(store)
        self._records, self._offline = records, offline

    @property
    def status_member(self) -> str:
        """The member that holds the status."""
        return "FeatureGroupStatus"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "UpdateFeatureGroup": self.update,
        }

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of a group's record: in lower case, as ARNs have it. The request may give an ARN, too."""
        return str(request["FeatureGroupName"]).rpartition("/")[2].lower()

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to make a feature group.

        Raises:
            ApiError: Its features or stores cannot be, or the name is taken.
        """
        wrong = list(request_problems(request))
        if wrong:
            raise validation_error(f"Validation Error: {' '.join(wrong)}")
        return {"FeatureGroupArn": self.add(caller, request, status="Creating", body=body_of(caller, request)).arn}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a group, with the size of its online store.

        Raises:
            ApiError: There is none, or a token is given: all features stand on one page.
        """
        if "NextToken" in request:
            raise validation_error(f"NextToken '{request['NextToken']}' is not one that DescribeFeatureGroup answered.")
        record = self.named(caller, request)
        described = self.view(record)
        if ONLINE in stores_of(record.body):
            described["OnlineStoreTotalSizeBytes"] = self._records.size(owner_of(record.key))
        return described

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds features to a group, or changes how long records live or what it may take; one of these at a time.

        Raises:
            ApiError: There is none, it is not ready, or the change cannot be.
        """
        record = self.named(caller, request)
        given = [
            member for member in ("FeatureAdditions", "OnlineStoreConfig", "ThroughputConfig") if member in request
        ]
        if len(given) != 1:
            raise validation_error(
                "Validation Error: Give one of FeatureAdditions, OnlineStoreConfig and ThroughputConfig at a time, got "
                f"{' and '.join(given) or 'none'}."
            )
        if record.status != "Created":
            raise validation_error(
                f"Validation Error: FeatureGroup {record.arn} cannot be updated while its FeatureGroupStatus is "
                f"{record.status}; it must be Created."
            )
        updated = self.store.update(
            record.key,
            body=lambda present: {**change_of(present, request), "LastUpdateStatus": {"Status": "Successful"}},
        )
        failure = self._offline.extend(updated) if self._offline and "FeatureAdditions" in request else None
        if failure is not None:
            status = {"Status": "Failed", "FailureReason": failure}
            self.store.update(record.key, body={"LastUpdateStatus": status})
        return {"FeatureGroupArn": updated.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to remove a group, and what is in its online store; what is in the offline store stays.

        Raises:
            ApiError: There is none, or it is being removed.
        """
        self.move(self.named(caller, request), ("Creating", "Created", "CreateFailed", "DeleteFailed"), "Deleting")
        return {}

    def end(self, record: Record) -> None:
        """Removes a group at the end of its deletion."""
        self._records.forget(owner_of(record.key))  # first: a group of the same name begins without records
        super().end(record)

    def settle(self, record: Record) -> Record | None:
        """Moves a group on to where time has brought it; one is not ready before its offline store is."""
        if record.status != "Creating" or self._offline is None:
            return super().settle(record)
        if time.time() < self.due(record):
            return record
        failure = self._offline.prepare(record) if "OfflineStoreConfig" in record.body else None
        following, body = ("Created", None) if failure is None else ("CreateFailed", {"FailureReason": failure})
        try:
            return self.store.update(record.key, status=following, body=body, present_status="Creating")
        except InvalidTransition:
            return self.store.get(record.key)
        except RecordMissing:
            return None

    def ready(self, caller: Caller, name: str) -> Group:
        """The group of a name or an ARN, for records.

        Raises:
            ApiError: There is none, or it does not take records.
        """
        record = self.named(caller, {"FeatureGroupName": name})
        if record.status != "Created":
            raise validation_error(
                f"Validation Error: FeatureGroup {record.body['FeatureGroupName']} takes no records while its "
                f"FeatureGroupStatus is {record.status}; it must be Created."
            )
        return Group(record)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a group passes the filters of a List request."""
        status, offline = record.status, _offline_status(record)
        return (
            super().passes(record, {**request, "NameContains": ""})
            and request.get("NameContains", "") in record.body["FeatureGroupName"]
            and request.get("FeatureGroupStatusEquals", status) == status
            and request.get("OfflineStoreStatusEquals", offline) == offline
        )

    def sort_key(self, record: Record, sort_by: str) -> Any:
        """What a List answer is sorted by."""
        match sort_by:
            case "FeatureGroupStatus":
                return record.status
            case "OfflineStoreStatus":
                return _offline_status(record) or ""
            case "Name":
                return record.body["FeatureGroupName"]
        return super().sort_key(record, sort_by)

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken.

        Source: tests/test_sagemaker/test_sagemaker_feature_groups.py of https://github.com/getmoto/moto
        """
        name = arn.rpartition("/")[2]
        return resource_in_use(
            f"Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name.\n"
            f"Info: Feature Group '{name}' already exists."
        )

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the name
        """AWS's answer to a name that there is not."""
        return not_found(name)

    def named(self, caller: Caller, request: Mapping[str, Any]) -> Record:
        """The record of the group that a request names, by its name or its ARN.

        Raises:
            ApiError: There is none.
        """
        given = request["FeatureGroupName"]
        if given.startswith("arn:") and tuple(given.split(":")[3:5]) != (caller.region, caller.account):
            raise not_found(given)
        try:
            return self.record(caller, self.name_in(request))
        except ApiError:
            raise not_found(given) from None


def _offline_status(record: Record) -> str | None:
    status: str | None = record.body.get("OfflineStoreStatus", {}).get("Status")
    return status
