"""The data plane of metrics, with boto3 against a running emulator, and what is told of them."""

import math
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


@pytest.fixture(scope="module")
def clients(emulator: RunningEmulator) -> tuple[Any, Any]:
    return emulator.client("sagemaker"), emulator.client("sagemaker-metrics")


def test_metrics_are_put_summed_up_and_got(clients: tuple[Any, Any]) -> None:
    sagemaker, metrics = clients
    name = f"Run-{uuid.uuid4().hex[:8]}"
    arn = sagemaker.create_trial_component(TrialComponentName=name)["TrialComponentArn"]
    minute = int(time.time() // 60 - 2) * 60
    data = [
        {"MetricName": "loss", "Timestamp": minute + 30 * step, "Step": step, "Value": value}
        for step, value in enumerate([4.0, 2.0, 3.0])
    ]
    # The SDK writes the name in lower case, and times as texts: sagemaker/experiments/_metrics.py
    assert "Errors" not in metrics.batch_put_metrics(TrialComponentName=name.lower(), MetricData=data)
    old = {"MetricName": "loss", "Timestamp": minute - 15 * 24 * 3600, "Value": 1.0}
    later = {"MetricName": "accuracy", "Timestamp": str(minute), "Value": 0.5}
    errors = metrics.batch_put_metrics(TrialComponentName=name.lower(), MetricData=[old, later])["Errors"]
    assert errors == [{"Code": "VALIDATION_ERROR", "MetricIndex": 0}]

    accuracy, loss = sagemaker.describe_trial_component(TrialComponentName=name)["Metrics"]
    assert (accuracy["MetricName"], accuracy["Count"], accuracy["StdDev"]) == ("accuracy", 1, 0.0)
    assert loss.pop("TimeStamp").timestamp() == minute + 60
    assert loss.pop("StdDev") == pytest.approx(math.sqrt(2 / 3))
    summary = {"Max": 4.0, "Min": 2.0, "Last": 3.0, "Count": 3, "Avg": 3.0}
    assert loss == {"MetricName": "loss", "SourceArn": arn, **summary}

    def query(axis: str, period: str, statistic: str, **more: Any) -> dict[str, Any]:
        asked = {"MetricName": "loss", "ResourceArn": arn, "MetricStat": statistic, "Period": period, "XAxisType": axis}
        return {**asked, **more}

    steps, means, last, wrong, foreign = metrics.batch_get_metrics(
        MetricQueries=[
            query("IterationNumber", "IterationNumber", "Max", Start=1),
            query("Timestamp", "OneMinute", "Avg"),
            query("Timestamp", "OneMinute", "Count", End=minute),
            query("IterationNumber", "OneHour", "Last"),
            query("Timestamp", "OneHour", "Last", ResourceArn=f"{ARN}:model/model"),
        ]
    )["MetricQueryResults"]
    assert steps == {"Status": "Complete", "XAxisValues": [1, 2], "MetricValues": [2.0, 3.0]}
    assert means == {"Status": "Complete", "XAxisValues": [minute, minute + 60], "MetricValues": [3.0, 3.0]}
    assert last == {"Status": "Complete", "XAxisValues": [minute], "MetricValues": [2.0]}
    assert wrong["Status"] == foreign["Status"] == "ValidationError"
    assert wrong["Message"] == "Period 'OneHour' does not go with XAxisType 'IterationNumber'."

    sagemaker.delete_trial_component(TrialComponentName=name)
    sagemaker.create_trial_component(TrialComponentName=name)
    assert sagemaker.describe_trial_component(TrialComponentName=name)["Metrics"] == []


def test_metrics_of_a_component_that_there_is_not_are_refused(clients: tuple[Any, Any]) -> None:
    _, metrics = clients
    datum = {"MetricName": "loss", "Timestamp": int(time.time()), "Value": 1.0}
    with pytest.raises(ClientError, match=r"TrialComponent '.*/none' does not exist") as caught:
        metrics.batch_put_metrics(TrialComponentName="none", MetricData=[datum])
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    with pytest.raises(ClientError, match="'None' at 'trialComponentName' failed to satisfy constraint"):
        metrics.batch_put_metrics(TrialComponentName="None", MetricData=[datum])
