"""AutoML jobs of a running emulator that forecast: what they find and leave, and how what they made is asked."""

import csv
import io
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from sagecraft_constructs import (
    AutoMLJob,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    Model,
    ProductionVariant,
    TimeSeriesForecasting,
)
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator as SharedEmulator
from sagecraft_infra.testing.publishing import Publisher

from tests.emulator.automl.automl import AutoML
from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import wait_until

pytestmark = pytest.mark.slow

HEADER = "shop,day,sold"


def sales(shops: tuple[str, ...] = ("east", "west"), days: int = 56) -> str:
    """What shops sell, more of it on weekends."""
    lines = [HEADER]
    for number, shop in enumerate(shops):
        for day in range(days):
            sold = 100 * (number + 1) + day + 30 * (day % 7 >= 5) + 5 * math.sin(day * (number + 3))
            lines.append(f"{shop},{date(2024, 1, 1) + timedelta(day)},{sold:.2f}")
    return "\n".join(lines) + "\n"


def series(**members: Any) -> dict[str, Any]:
    """An `AutoMLProblemTypeConfig`."""
    config = {
        "ForecastFrequency": "1D",
        "ForecastHorizon": 7,
        "TimeSeriesConfig": {
            "TargetAttributeName": "sold",
            "TimestampAttributeName": "day",
            "ItemIdentifierAttributeName": "shop",
        },
        "CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 300},
        "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["ets", "npts"]}]},
    }
    return {"AutoMLProblemTypeConfig": {"TimeSeriesForecastingJobConfig": {**config, **members}}}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def automl(emulator: RunningEmulator) -> AutoML:
    one = AutoML(emulator)
    one.put("train/part-1.csv", sales())
    return one


@pytest.fixture(scope="module")
def deployed(sagecraft_emulator: SharedEmulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The outputs of a stack whose job compares two algorithms, and whose endpoint serves the best candidate."""
    directory = tmp_path_factory.mktemp("sales")
    (directory / "sales.csv").write_text(sales())
    stack = Stack(App(), "Forecast")
    bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
    automl = AutoMLJob(
        stack,
        "AutoML",
        problem=TimeSeriesForecasting(
            target="sold", timestamp="day", item="shop", frequency="1D", horizon=7, algorithms=["ets", "npts"]
        ),
        training=Dataset(stack, "Sales", bucket=bucket, path=directory).channel(),
        output_bucket=bucket,
        max_candidates=1,
        max_runtime=Duration.minutes(5),
    )
    model = Model.from_automl(stack, "Model", automl=automl)
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    CfnOutput(stack, "Endpoint", value=Endpoint(stack, "Serving", endpoint_config=config).endpoint_name)
    CfnOutput(stack, "Job", value=automl.auto_ml_job_name)
    deployment = TestDeployment(sagecraft_emulator, Publisher())
    yield dict(deployment.deploy(stack))
    deployment.destroy()


@pytest.fixture(scope="module")
def completed(automl: AutoML, deployed: dict[str, str]) -> dict[str, Any]:
    """That job, as it is described."""
    return automl.describe(deployed["Job"])


def test_a_forecast_has_its_metrics_and_its_artefacts(automl: AutoML, completed: dict[str, Any]) -> None:
    assert "PartialFailureReasons" not in completed
    assert completed["AutoMLProblemTypeConfigName"] == "TimeSeriesForecasting"
    assert completed["AutoMLJobSecondaryStatus"] == "Completed"
    assert completed["ResolvedAttributes"]["AutoMLJobObjective"] == {"MetricName": "AverageWeightedQuantileLoss"}
    best = completed["BestCandidate"]
    final = best["FinalAutoMLJobObjectiveMetric"]
    assert (final["Type"], final["MetricName"]) == ("Minimize", "AverageWeightedQuantileLoss")
    assert 0 < final["Value"] < 0.1
    properties = best["CandidateProperties"]
    told = {each["StandardMetricName"] for each in properties["CandidateMetrics"]}
    assert told == {"AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE", "InferenceLatency"}
    locations = properties["CandidateArtifactLocations"]
    assert set(locations) == {"BacktestResults", "Explainability", "ModelInsights"}
    values = table(automl.get(f"{locations['BacktestResults']}/forecasted-values.csv").decode())
    assert list(values[0])[:4] == ["shop", "day", "target_value", "backtestwindow_start_time"]
    assert {row["shop"] for row in values} == {"east", "west"}
    statistics = json.loads(automl.get(f"{locations['ModelInsights']}/statistics.json"))
    measured = statistics["time_series_forecasting_metrics"]["MASE"]
    assert measured["value"] < measured["seasonal_naive"]
    (mase,) = (each["Value"] for each in properties["CandidateMetrics"] if each["StandardMetricName"] == "MASE")
    assert mase == pytest.approx(measured["value"], rel=1e-12)


def test_each_algorithm_is_a_candidate_named_as_on_aws(automl: AutoML, completed: dict[str, Any]) -> None:
    name = completed["AutoMLJobName"]
    found = automl.candidates(name, SortBy="FinalObjectiveMetricValue", SortOrder="Ascending")
    assert {each["CandidateName"].removeprefix(name) for each in found} == {"-ensemble", "-tsets", "-tsnpts"}
    values = [each["FinalAutoMLJobObjectiveMetric"]["Value"] for each in found]
    assert values == sorted(values)
    assert values[0] == completed["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Value"]
    metrics = automl.client.meta.service_model.shape_for("AutoMLMetricExtendedEnum").enum
    told = {each["StandardMetricName"] for one in found for each in one["CandidateProperties"]["CandidateMetrics"]}
    assert told <= set(metrics)


def test_an_endpoint_forecasts_from_where_the_target_of_a_request_ends(
    deployed: dict[str, str], emulator: RunningEmulator
) -> None:
    name = deployed["Endpoint"]
    runtime = emulator.client("sagemaker-runtime")
    body = sales(("west",), 49) + sales(("new",), 49).split("\n", 1)[1]
    answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)["Body"].read().decode()
    rows = table(answer)
    assert list(rows[0]) == ["shop", "day", "p10", "p50", "p90", "mean"]
    assert [row["day"] for row in rows] == [f"2024-02-{day}" for day in range(19, 26)] * 2
    assert all(float(row["p10"]) <= float(row["p50"]) <= float(row["p90"]) for row in rows)
    assert float(rows[7]["mean"]) == pytest.approx(149, abs=10)


def test_a_batch_transform_forecasts_all_series_of_a_file(automl: AutoML, completed: dict[str, Any]) -> None:
    """As aws/amazon-sagemaker-examples asks for it, in `sm-autopilot_time_series_forecasting.ipynb`."""
    name = completed["AutoMLJobName"]
    containers = completed["BestCandidate"]["InferenceContainers"]
    automl.client.create_model(ModelName=name, ExecutionRoleArn=automl.role, Containers=containers)
    automl.put("batch/sales.csv", sales())
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{automl.bucket}/batch/"}
    automl.client.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        MaxPayloadInMB=0,
        ModelClientConfig={"InvocationsTimeoutInSeconds": 3600},
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv", "SplitType": "None"},
        TransformOutput={"S3OutputPath": f"s3://{automl.bucket}/forecast/", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )

    def status() -> str:
        described: str = automl.client.describe_transform_job(TransformJobName=name)["TransformJobStatus"]
        return described

    wait_until(lambda: status() in {"Completed", "Failed"}, seconds=120, pause=0.2)
    assert status() == "Completed"
    rows = table(automl.get(f"s3://{automl.bucket}/forecast/sales.csv.out").decode())
    assert [(row["shop"], row["day"]) for row in rows[::7]] == [("east", "2024-02-26"), ("west", "2024-02-26")]


def test_series_that_are_too_short_fail_the_job_with_the_reason(automl: AutoML) -> None:
    described = automl.end(automl.begin(**series(ForecastHorizon=15)))
    assert described["AutoMLJobStatus"] == described["AutoMLJobSecondaryStatus"] == "Failed"
    assert "there are 56 of 1D, from 2024-01-01 to 2024-02-25, so at most 14." in described["FailureReason"]


def test_a_job_that_is_stopped_keeps_what_it_had_found(automl: AutoML, emulator: RunningEmulator) -> None:
    many = sales(tuple(f"shop {number}" for number in range(80)))
    automl.put("many/sales.csv", many)
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{automl.bucket}/many/"}}
    algorithms = {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["npts", "arima"]}]}
    config = series(CandidateGenerationConfig=algorithms)
    name = automl.begin(**config, AutoMLJobInputDataConfig=[{"DataSource": data}])
    logs = emulator.client("logs")
    group = {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamNamePrefix": name}

    def has_found() -> bool:
        with suppress(logs.exceptions.ResourceNotFoundException):
            return bool(logs.filter_log_events(**group, filterPattern='"npts: validation"')["events"])
        return False

    wait_until(has_found, seconds=120, pause=0.5)
    automl.client.stop_auto_ml_job(AutoMLJobName=name)
    described = automl.end(name)
    assert described["AutoMLJobStatus"] == described["AutoMLJobSecondaryStatus"] == "Stopped"
    (container,) = described["BestCandidate"]["InferenceContainers"]
    assert automl.exists(container["ModelDataUrl"])
