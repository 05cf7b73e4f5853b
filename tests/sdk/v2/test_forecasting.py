"""The SDK's own AutoMLV2 on time series: fit, candidates, deploy, and a forecast from the history that is sent.

What is asked is what `AutoMLTimeSeriesForecastingConfig` of `aws/sagemaker-python-sdk` asks of AWS, in
`tests/integ/test_auto_ml_v2.py` and `src/sagemaker/automl/automlv2.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import sagemaker
from sagemaker.automl.automlv2 import AutoMLDataChannel, AutoMLTimeSeriesForecastingConfig, AutoMLV2
from sagemaker.predictor import Predictor

from tests.sdk.conftest import Ends, Objects

HEADER = "item,time,value,kind"


def series(days: int) -> str:
    """Two items with a week in them."""
    rows = [
        f"{item},{date(2024, 1, 1) + timedelta(day)},{base + day % 7},{item[0]}"
        for item, base in (("one", 10), ("two", 50))
        for day in range(days)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def test_a_forecast_is_fitted_deployed_and_asked(
    session: sagemaker.Session, role: str, ends: Ends, unique: Callable[[str], str], objects: Objects
) -> None:
    uri = objects.put("forecast/train/series.csv", series(42).encode())
    automl = AutoMLV2(
        problem_config=AutoMLTimeSeriesForecastingConfig(
            forecast_frequency="1D",
            forecast_horizon=7,
            forecast_quantiles=["p10", "p50", "p90"],
            filling={"value": {"middlefill": "zero", "backfill": "zero"}},
            item_identifier_attribute_name="item",
            target_attribute_name="value",
            timestamp_attribute_name="time",
            max_total_job_runtime_in_seconds=600,
        ),
        base_job_name="forecast",
        role=role,
        output_path=f"s3://{objects.bucket}/forecast/output",
        sagemaker_session=session,
    )
    channel = AutoMLDataChannel(s3_data_type="S3Prefix", s3_uri=uri.rpartition("/")[0] + "/", channel_type="training")
    name, endpoint = unique("forecast"), unique("forecast")
    automl.fit(channel, job_name=name, wait=False)
    described = ends.automl_job(name)
    assert described["AutoMLJobStatus"] == "Completed", described.get("FailureReason")
    attached = AutoMLV2.attach(name, sagemaker_session=session)
    assert attached.problem_config.forecast_horizon == 7
    assert len(attached.list_candidates()) == 6
    assert "BacktestResults" in attached.best_candidate()["CandidateProperties"]["CandidateArtifactLocations"]
    predictor = attached.deploy(1, "ml.m5.large", endpoint_name=endpoint, predictor_cls=Predictor, wait=False)
    try:
        assert ends.endpoint(endpoint)["EndpointStatus"] == "InService"
        answer = predictor.predict(series(49), initial_args={"ContentType": "text/csv"}).decode().splitlines()
    finally:
        predictor.delete_endpoint()
    assert answer[0] == "item,time,p10,p50,p90,mean"
    assert answer[1].startswith("one,2024-02-19,")
    assert len(answer) == 15
