"""Monitors of anomalies and subscriptions to them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.billing.explorer.service import CostExplorer
from sagecraft_emulator.errors import ApiError

from tests.emulator.metering.books import ACCOUNT, REGION, Books

CALLER = Caller(ACCOUNT, REGION)
SERVICES = {"MonitorName": "services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
MAIL = {"Type": "EMAIL", "Address": "ann@example.com"}


@pytest.fixture
def explorer(tmp_path: Path) -> Iterator[CostExplorer]:
    books = Books(tmp_path / "sagemaker.sqlite3")
    yield CostExplorer(books.meter, books.store)
    books.store.close()


def call(explorer: CostExplorer, operation: str, **request: Any) -> dict[str, Any]:
    return explorer.service.call(operation, request, CALLER)


def subscription(monitor: str, **members: Any) -> dict[str, Any]:
    whole = {"SubscriptionName": "s", "MonitorArnList": [monitor], "Subscribers": [MAIL], "Frequency": "DAILY"}
    return {**whole, "Threshold": 10.0, **members}


def test_a_monitor_and_its_subscription_are_made_changed_found_and_removed(explorer: CostExplorer) -> None:
    tags = [{"Key": "team", "Value": "churn"}]
    monitor = call(explorer, "CreateAnomalyMonitor", AnomalyMonitor=SERVICES, ResourceTags=tags)["MonitorArn"]
    assert monitor.startswith(f"arn:aws:ce::{ACCOUNT}:anomalymonitor/")
    made = call(explorer, "CreateAnomalySubscription", AnomalySubscription=subscription(monitor))["SubscriptionArn"]
    call(explorer, "UpdateAnomalyMonitor", MonitorArn=monitor, MonitorName="all")
    dear = {
        "Dimensions": {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "Values": ["5"],
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
        }
    }
    call(explorer, "UpdateAnomalySubscription", SubscriptionArn=made, ThresholdExpression=dear)
    (shown,) = call(explorer, "GetAnomalyMonitors", MonitorArnList=[monitor])["AnomalyMonitors"]
    assert (shown["MonitorName"], shown["MonitorDimension"], shown["CreationDate"]) == (
        "all",
        "SERVICE",
        "2026-09-15T10:00:00Z",
    )
    (shown,) = call(explorer, "GetAnomalySubscriptions", MonitorArn=monitor)["AnomalySubscriptions"]
    assert (shown["SubscriptionArn"], shown["AccountId"], shown["ThresholdExpression"]) == (made, ACCOUNT, dear)
    assert "Threshold" not in shown
    assert call(explorer, "ListTagsForResource", ResourceArn=monitor)["ResourceTags"] == tags
    with pytest.raises(ApiError, match="Limit exceeded on dimensional spend monitor creation"):
        call(explorer, "CreateAnomalyMonitor", AnomalyMonitor=SERVICES)
    call(explorer, "DeleteAnomalySubscription", SubscriptionArn=made)
    call(explorer, "DeleteAnomalyMonitor", MonitorArn=monitor)
    assert call(explorer, "GetAnomalyMonitors") == {"AnomalyMonitors": []}


NONE = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/none"


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        ("DeleteAnomalyMonitor", {"MonitorArn": NONE}, "UnknownMonitorException", NONE),
        ("DeleteAnomalySubscription", {"SubscriptionArn": NONE}, "UnknownSubscriptionException", NONE),
        ("CreateAnomalySubscription", {"AnomalySubscription": subscription(NONE)}, "UnknownMonitorException", NONE),
        (
            "CreateAnomalyMonitor",
            {"AnomalyMonitor": {"MonitorName": "m", "MonitorType": "CUSTOM"}},
            "ValidationException",
            "MonitorSpecification",
        ),
        ("ListTagsForResource", {"ResourceArn": NONE}, "ResourceNotFoundException", NONE),
        ("GetAnomalies", {"DateInterval": {"StartDate": "2026-09-01"}}, "NotImplemented", "GetAnomalies"),
    ],
)
def test_refused(explorer: CostExplorer, operation: str, request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ApiError, match=message) as refused:
        call(explorer, operation, **request_)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Frequency": "IMMEDIATE"}, "got IMMEDIATE with EMAIL"),
        ({"Subscribers": [{"Type": "SNS", "Address": "arn:aws:sns:us-east-1:000000000000:t"}]}, "got DAILY with SNS"),
        ({"Subscribers": []}, "at least one of Subscribers"),
        ({"Threshold": None}, "Threshold and ThresholdExpression cannot both be null"),
    ],
)
def test_a_subscription_is_refused(explorer: CostExplorer, members: dict[str, Any], message: str) -> None:
    monitor = call(explorer, "CreateAnomalyMonitor", AnomalyMonitor=SERVICES)["MonitorArn"]
    with pytest.raises(ApiError, match=message):
        call(explorer, "CreateAnomalySubscription", AnomalySubscription=subscription(monitor, **members))
