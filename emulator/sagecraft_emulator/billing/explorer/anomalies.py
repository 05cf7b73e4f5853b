"""Monitors of cost anomalies, and who subscribes to them: records alone. AWS learns what is usual; nothing here does.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalyMonitor.html
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.json_service import Operation
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.api.tags import read_tags
from sagecraft_emulator.errors import ApiError, RecordMissing, validation_error
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .use import passing

_MONITOR, _SUBSCRIPTION = "AnomalyMonitor", "AnomalySubscription"
_NO_REGION: Final = "aws-global"
_NEEDED: Final = {"DIMENSIONAL": "MonitorDimension", "CUSTOM": "MonitorSpecification"}
_PAGE: Final = {"MaxResults": 100}

Request = dict[str, Any]


class Anomalies:
    """Keeps monitors and subscriptions.

    Args:
        store: Where.
        now: The time, in epoch seconds.
    """

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._store, self._now = store, now
        self.operations: Mapping[str, Operation] = {
            "CreateAnomalyMonitor": self._create_monitor,
            "GetAnomalyMonitors": self._monitors,
            "UpdateAnomalyMonitor": self._update_monitor,
            "DeleteAnomalyMonitor": lambda caller, request: self._delete(caller, _MONITOR, request["MonitorArn"]),
            "CreateAnomalySubscription": self._create_subscription,
            "GetAnomalySubscriptions": self._subscriptions,
            "UpdateAnomalySubscription": self._update_subscription,
            "DeleteAnomalySubscription": lambda caller, request: self._delete(
                caller, _SUBSCRIPTION, request["SubscriptionArn"]
            ),
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def _create_monitor(self, caller: Caller, request: Request) -> dict[str, Any]:
        monitor = request["AnomalyMonitor"]
        needed = _NEEDED[monitor["MonitorType"]]
        if needed not in monitor:
            raise validation_error(f"A monitor of MonitorType {monitor['MonitorType']} should have a {needed}.")
        if "MonitorSpecification" in monitor:
            passing(monitor["MonitorSpecification"])
        dimension = monitor.get("MonitorDimension")
        others = self._store.find(_MONITOR, caller.account)
        if dimension is not None and any(each.body.get("MonitorDimension") == dimension for each in others):
            # Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2515
            raise validation_error("Limit exceeded on dimensional spend monitor creation")
        day = self._today()
        body = {**monitor, "CreationDate": day, "LastUpdatedDate": day, "DimensionalValueCount": 0}
        return {"MonitorArn": self._add(caller, _MONITOR, body, request).arn}

    def _monitors(self, caller: Caller, request: Request) -> dict[str, Any]:
        found = self._found(caller, _MONITOR, request.get("MonitorArnList"))
        return _page(found, request, "AnomalyMonitors", lambda each: {**each.body, "MonitorArn": each.arn})

    def _update_monitor(self, caller: Caller, request: Request) -> dict[str, Any]:
        record = self._record(caller, _MONITOR, request["MonitorArn"])
        name = {"MonitorName": request["MonitorName"]} if "MonitorName" in request else {}
        self._store.update(record.key, body={**name, "LastUpdatedDate": self._today()})
        return {"MonitorArn": record.arn}

    def _create_subscription(self, caller: Caller, request: Request) -> dict[str, Any]:
        subscription = request["AnomalySubscription"]
        self._check_subscription(caller, subscription)
        body = {**subscription, "AccountId": caller.account}
        return {"SubscriptionArn": self._add(caller, _SUBSCRIPTION, body, request).arn}

    def _subscriptions(self, caller: Caller, request: Request) -> dict[str, Any]:
        monitor = request.get("MonitorArn")
        found = [
            each
            for each in self._found(caller, _SUBSCRIPTION, request.get("SubscriptionArnList"))
            if monitor is None or monitor in each.body["MonitorArnList"]
        ]
        return _page(found, request, "AnomalySubscriptions", lambda each: {**each.body, "SubscriptionArn": each.arn})

    def _update_subscription(self, caller: Caller, request: Request) -> dict[str, Any]:
        record = self._record(caller, _SUBSCRIPTION, request["SubscriptionArn"])
        changes = {member: value for member, value in request.items() if member != "SubscriptionArn"}
        if "ThresholdExpression" in changes:
            changes["Threshold"] = None
        elif "Threshold" in changes:
            changes["ThresholdExpression"] = None
        merged = {member: value for member, value in {**record.body, **changes}.items() if value is not None}
        self._check_subscription(caller, merged)
        self._store.update(record.key, body=changes)
        return {"SubscriptionArn": record.arn}

    def _check_subscription(self, caller: Caller, subscription: Mapping[str, Any]) -> None:
        for arn in subscription["MonitorArnList"]:
            self._record(caller, _MONITOR, arn)
        given = [member for member in ("Threshold", "ThresholdExpression") if member in subscription]
        if len(given) != 1:
            # Source: https://github.com/hashicorp/terraform-provider-aws/issues/36853
            wrong = "given" if given else "null"
            raise validation_error(f"Threshold and ThresholdExpression cannot both be {wrong}")
        if not subscription["Subscribers"]:
            raise validation_error("A subscription should have at least one of Subscribers.")
        kinds = {each.get("Type") for each in subscription["Subscribers"]}
        frequency = subscription["Frequency"]
        # Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html
        if (frequency == "IMMEDIATE") != (kinds == {"SNS"}):
            got = f"{frequency} with {', '.join(sorted(map(str, kinds)))}"
            raise validation_error(
                f"Subscribers of Frequency IMMEDIATE are of Type SNS, and of DAILY and WEEKLY of Type EMAIL; got {got}."
            )

    def _delete(self, caller: Caller, kind: str, arn: str) -> dict[str, Any]:
        self._store.delete(self._record(caller, kind, arn).key)
        return {}

    def _list_tags(self, caller: Caller, request: Request) -> dict[str, Any]:
        tags = self._store.tags(self._tagged(caller, request))
        return {"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tag(self, caller: Caller, request: Request) -> dict[str, Any]:
        self._store.set_tags(self._tagged(caller, request), read_tags(request["ResourceTags"]))
        return {}

    def _untag(self, caller: Caller, request: Request) -> dict[str, Any]:
        self._store.remove_tags(self._tagged(caller, request), request["ResourceTagKeys"])
        return {}

    def _tagged(self, caller: Caller, request: Request) -> str:
        arn: str = request["ResourceArn"]
        for kind in (_MONITOR, _SUBSCRIPTION):
            if any(each.arn == arn for each in self._store.find(kind, caller.account)):
                return arn
        raise ApiError("ResourceNotFoundException", f"There is no resource '{arn}'.")

    def _add(self, caller: Caller, kind: str, body: Mapping[str, Any], request: Request) -> Record:
        name = str(uuid.uuid4())
        arn = f"arn:aws:ce::{caller.account}:{kind.lower()}/{name}"
        tags = read_tags(request.get("ResourceTags", []))
        return self._store.create(_key(caller, kind, name), arn=arn, status=None, body=body, tags=tags)

    def _record(self, caller: Caller, kind: str, arn: str) -> Record:
        try:
            found = self._store.get(_key(caller, kind, arn.rpartition("/")[2]))
        except RecordMissing:
            found = None
        if found is None or found.arn != arn:
            noun = kind.removeprefix("Anomaly")
            raise ApiError(f"Unknown{noun}Exception", f"There is no anomaly {noun.lower()} '{arn}'.")
        return found

    def _found(self, caller: Caller, kind: str, arns: list[str] | None) -> list[Record]:
        if arns:
            return [self._record(caller, kind, arn) for arn in arns]
        return self._store.find(kind, caller.account)

    def _today(self) -> str:
        return f"{datetime.fromtimestamp(self._now(), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _key(caller: Caller, kind: str, name: str) -> RecordKey:
    return RecordKey(kind, caller.account, _NO_REGION, name)


def _page(
    found: list[Record], request: Request, member: str, view: Callable[[Record], dict[str, Any]]
) -> dict[str, Any]:
    asked = {**_PAGE, **request, **({"NextToken": request["NextPageToken"]} if "NextPageToken" in request else {})}
    answer = page(found, asked, member, lambda each: (each.created, each.key.name), view)
    following = answer.pop("NextToken", None)
    return answer if following is None else {**answer, "NextPageToken": following}
