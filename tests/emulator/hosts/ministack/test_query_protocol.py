"""CloudWatch asked by the Query protocol, as older SDKs and providers do, beside the same asked by today's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from sagecraft_infra.testing.emulator import RunningEmulator

ACCOUNT, REGION = "310000000001", "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:told"
DIMENSIONS = [{"Name": "EndpointName", "Value": "a & <b>"}, {"Name": "VariantName", "Value": "all"}]
WHEN = datetime.now(UTC).replace(second=0, microsecond=0)  # the host forgets what is older than two weeks
ALARM: dict[str, Any] = {
    "AlarmName": "latency",
    "AlarmDescription": 'Slower than "usual" & <so on>',
    "ActionsEnabled": False,
    "OKActions": [TOPIC],
    "AlarmActions": [TOPIC, f"{TOPIC}-too"],
    "InsufficientDataActions": [],
    "MetricName": "ModelLatency",
    "Namespace": "AWS/SageMaker",
    "Dimensions": DIMENSIONS,
    "Period": 300,
    "Unit": "Microseconds",
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 10.5,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}
STATISTIC = {**ALARM, "AlarmName": "by-statistic", "Statistic": "Maximum"}
PERCENTILE = {**ALARM, "AlarmName": "by-percentile", "ExtendedStatistic": "p99"}


def client(emulator: RunningEmulator, protocol: str | None = None) -> Any:
    """CloudWatch's client, of a protocol that is not the SDK's first choice."""
    session = botocore.session.Session()
    if protocol is not None:
        loader = session.get_component("data_loader")
        own = loader.load_service_model

        def load(service: str, kind: str, api_version: str | None = None) -> Any:
            model = own(service, kind, api_version)
            if kind != "service-2":
                return model
            metadata = {**model["metadata"], "protocol": protocol, "protocols": [protocol]}
            return {**model, "metadata": metadata}

        loader.load_service_model = load
    made = boto3.Session(ACCOUNT, "sagecraft", region_name=REGION, botocore_session=session)
    return made.client("cloudwatch", endpoint_url=emulator.endpoint_url)


METRIC_NAMES = ("MetricName", "Namespace", "Dimensions", "Period", "Unit")
ON_METRICS: dict[str, Any] = {
    **{name: value for name, value in ALARM.items() if name not in METRIC_NAMES},
    "AlarmName": "by-expression",
    "Metrics": [
        {"Id": "rate", "Expression": "100 * errors / 2", "Label": "errors in percent", "ReturnData": True},
        {
            "Id": "errors",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SageMaker", "MetricName": "Invocation5XXErrors", "Dimensions": DIMENSIONS},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        },
    ],
}


@pytest.fixture(scope="module")
def today(sagecraft_emulator: RunningEmulator) -> Any:
    return client(sagecraft_emulator)


@pytest.fixture(scope="module")
def query(sagecraft_emulator: RunningEmulator) -> Any:
    made = client(sagecraft_emulator, "query")
    made.put_metric_alarm(**STATISTIC, Tags=[{"Key": "team", "Value": "one"}, {"Key": "empty", "Value": ""}])
    made.put_metric_alarm(**PERCENTILE)
    made.put_metric_alarm(**ON_METRICS)
    made.put_composite_alarm(AlarmName="either", AlarmRule='ALARM("by-statistic") OR ALARM("by-percentile")')
    made.set_alarm_state(AlarmName="by-statistic", StateValue="ALARM", StateReason="a test & <more>")
    made.put_dashboard(DashboardName="board", DashboardBody='{"widgets": []}')
    made.put_metric_data(
        Namespace="Own",
        MetricData=[
            {"MetricName": "size", "Dimensions": DIMENSIONS, "Timestamp": WHEN, "Value": value} for value in (0.5, 2.0)
        ],
    )
    return made


@pytest.mark.parametrize("own", [STATISTIC, PERCENTILE, ON_METRICS], ids=lambda own: own["AlarmName"])
def test_an_alarm_is_told_with_all_that_it_was_made_with(query: Any, own: dict[str, Any]) -> None:
    [told] = query.describe_alarms(AlarmNames=[own["AlarmName"]])["MetricAlarms"]
    assert {name: told.get(name) for name in own} == own


def test_an_alarm_on_metric_math_has_no_metric_of_its_own(query: Any, today: Any) -> None:
    # terraform's aws_cloudwatch_metric_alarm plans a change where one is told
    today.put_metric_alarm(**{**ON_METRICS, "AlarmName": "of-today"})
    for asked, name in ((query, "by-expression"), (today, "of-today")):
        [told] = asked.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert told["Metrics"] == ON_METRICS["Metrics"]
        assert not {"MetricName", "Namespace", "Statistic", "Period"} & told.keys()


def test_an_alarm_on_metric_math_is_made_by_a_stack(today: Any, sagecraft_emulator: RunningEmulator) -> None:
    properties = {**ON_METRICS, "AlarmName": "of-a-stack"}
    template = {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    cloudformation = boto3.Session(ACCOUNT, "sagecraft", region_name=REGION).client(
        "cloudformation", endpoint_url=sagecraft_emulator.endpoint_url
    )
    cloudformation.create_stack(StackName="alarms", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="alarms", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    [told] = today.describe_alarms(AlarmNames=["of-a-stack"])["MetricAlarms"]
    assert {name: told.get(name) for name in properties} == properties


SPAN = {"StartTime": WHEN - timedelta(hours=1), "EndTime": WHEN + timedelta(hours=1)}
QUERIES = [
    {
        "Id": "m",
        "MetricStat": {
            "Metric": {"Namespace": "Own", "MetricName": "size", "Dimensions": DIMENSIONS},
            "Period": 60,
            "Stat": "Sum",
        },
    }
]
ASKED: dict[str, Callable[[Any], Any]] = {
    "DescribeAlarms": lambda asked: asked.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"]),
    "DescribeAlarms by pages": lambda asked: asked.describe_alarms(MaxRecords=1),
    "DescribeAlarmsForMetric": lambda asked: asked.describe_alarms_for_metric(
        Namespace="AWS/SageMaker", MetricName="ModelLatency", Dimensions=DIMENSIONS
    ),
    "DescribeAlarmHistory": lambda asked: asked.describe_alarm_history(AlarmName="by-statistic"),
    "ListMetrics": lambda asked: asked.list_metrics(Namespace="Own"),
    "GetMetricStatistics": lambda asked: asked.get_metric_statistics(
        Namespace="Own",
        MetricName="size",
        Dimensions=DIMENSIONS,
        Period=60,
        Statistics=["Sum", "Minimum", "SampleCount"],
        ExtendedStatistics=["p90"],
        **SPAN,
    ),
    "GetMetricData": lambda asked: asked.get_metric_data(MetricDataQueries=QUERIES, **SPAN),
    "GetDashboard": lambda asked: asked.get_dashboard(DashboardName="board"),
    "ListDashboards": lambda asked: asked.list_dashboards(),
    "ListTagsForResource": lambda asked: asked.list_tags_for_resource(
        ResourceARN=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:by-statistic"
    ),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_an_answer_by_query_is_the_answer_of_todays_protocol(query: Any, today: Any, ask: Callable[[Any], Any]) -> None:
    old, new = ask(query), ask(today)
    assert old.pop("ResponseMetadata")["HTTPStatusCode"] == new.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert _to_seconds(old) == _to_seconds(new)
    assert any(new.values())


@pytest.mark.parametrize(
    "ask",
    [
        lambda asked: asked.get_dashboard(DashboardName="nowhere"),
        lambda asked: asked.set_alarm_state(AlarmName="nowhere", StateValue="OK", StateReason="none"),
        lambda asked: asked.describe_alarms(MaxRecords=100000),
    ],
    ids=["GetDashboard", "SetAlarmState", "DescribeAlarms"],
)
def test_a_refusal_has_the_same_code_and_text(query: Any, today: Any, ask: Callable[[Any], Any]) -> None:
    refusals = []
    for asked in (query, today):
        with pytest.raises(ClientError) as refused:
            ask(asked)
        told = refused.value.response
        refusals.append((told["Error"]["Code"], told["Error"]["Message"], told["ResponseMetadata"]["HTTPStatusCode"]))
    assert refusals[0] == refusals[1]


def _to_seconds(value: Any) -> Any:
    """The protocols write moments with other fractions of seconds, and leave out an empty list or write it."""
    if isinstance(value, dict):
        return {name: _to_seconds(each) for name, each in value.items() if each != []}
    if isinstance(value, list):
        return [_to_seconds(each) for each in value]
    return value.replace(microsecond=0) if isinstance(value, datetime) else value
