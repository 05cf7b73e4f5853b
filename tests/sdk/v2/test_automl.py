"""The SDK's own AutoML and AutoMLV2: fit, candidates, attach, deploy with chosen answers, transform of raw rows.

What is asked is what `tests/integ/test_auto_ml.py` and `test_auto_ml_v2.py` of `aws/sagemaker-python-sdk` ask of AWS.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sagemaker
from sagemaker.automl.automl import AutoML
from sagemaker.automl.automlv2 import AutoMLDataChannel, AutoMLTabularConfig, AutoMLV2
from sagemaker.predictor import Predictor

from tests.sdk.conftest import Ends, Flowers, Objects

HEADER = "label,a,b,c,d"


@pytest.fixture(scope="session")
def table_uri(objects: Objects, flowers: Flowers) -> str:
    """The first 200 rows with names over the columns, and a colour that tells nothing."""
    lines = [
        ",".join(["grows" if label else "fades", *map(str, row), "red" if at % 2 else "blue"])
        for at, (label, row) in enumerate(zip(flowers.labels[:200], flowers.features[:200], strict=True))
    ]
    return objects.put("automl/train/rows.csv", "\n".join([f"{HEADER},colour", *lines]).encode())


def rows(flowers: Flowers) -> str:
    """Rows to predict, without the label, some cells without a value."""
    lines = [",".join([*map(str, row), "green"]) for row in flowers.unseen]
    return "\n".join([*lines, "0.5,,,-0.5,"])


def test_the_first_version_fits_lists_attaches_deploys_and_transforms(
    session: sagemaker.Session,
    role: str,
    ends: Ends,
    unique: Callable[[str], str],
    table_uri: str,
    objects: Objects,
    flowers: Flowers,
) -> None:
    name = unique("automl")
    automl = AutoML(
        role,
        "label",
        problem_type="BinaryClassification",
        job_objective={"MetricName": "Accuracy"},
        max_candidates=2,
        total_job_runtime_in_seconds=600,
        mode="ENSEMBLING",
        output_path=f"s3://{objects.bucket}/automl/output",
        sagemaker_session=session,
    )
    automl.fit(table_uri.rpartition("/")[0] + "/", job_name=name, wait=False)
    described = ends.automl_job(name)
    assert described["AutoMLJobStatus"] == "Completed", described.get("FailureReason")
    assert automl.describe_auto_ml_job()["ProblemType"] == "BinaryClassification"
    attached = AutoML.attach(name, sagemaker_session=session)
    assert (attached.target_attribute_name, attached.max_candidate) == ("label", 2)
    best = attached.best_candidate()
    assert best["FinalAutoMLJobObjectiveMetric"]["Value"] > 0.8
    candidates = attached.list_candidates(sort_by="FinalObjectiveMetricValue", sort_order="Descending", max_results=5)
    assert len(candidates) == 3
    assert objects.keys(best["CandidateProperties"]["CandidateArtifactLocations"]["Explainability"])
    endpoint = unique("automl")
    predictor = attached.deploy(
        1,
        "ml.m5.large",
        endpoint_name=endpoint,
        inference_response_keys=["predicted_label", "probability"],
        predictor_cls=Predictor,
        wait=False,
    )
    try:
        assert ends.endpoint(endpoint)["EndpointStatus"] == "InService"
        answers = predictor.predict(rows(flowers), initial_args={"ContentType": "text/csv"}).decode().split()
    finally:
        predictor.delete_endpoint()
    assert len(answers) == 21
    assert {line.partition(",")[0] for line in answers} == {"grows", "fades"}
    model = attached.create_model(unique("automl"), candidate=best, inference_response_keys=["probability"])
    objects.put("automl/batch/rows.csv", rows(flowers).encode())
    transformer = model.transformer(
        1, "ml.m5.large", output_path=f"s3://{objects.bucket}/automl/answers", assemble_with="Line"
    )
    job = unique("automl")
    transformer.transform(
        f"s3://{objects.bucket}/automl/batch/", content_type="text/csv", split_type="Line", job_name=job, wait=False
    )
    assert ends.transform_job(job)["TransformJobStatus"] == "Completed"
    answered = objects.get(f"s3://{objects.bucket}/automl/answers/rows.csv.out").decode().split()
    assert len(answered) == 21
    assert all(0.5 <= float(each) <= 1 for each in answered)


def test_the_second_version_fits_and_attaches(
    session: sagemaker.Session, role: str, ends: Ends, unique: Callable[[str], str], table_uri: str, objects: Objects
) -> None:
    name = unique("automl")
    automl = AutoMLV2(
        problem_config=AutoMLTabularConfig(
            target_attribute_name="label", mode="ENSEMBLING", algorithms_config=["xgboost"], max_candidates=1
        ),
        base_job_name="automl",
        role=role,
        output_path=f"s3://{objects.bucket}/automl/output",
        sagemaker_session=session,
    )
    channel = AutoMLDataChannel(
        s3_data_type="S3Prefix", s3_uri=table_uri.rpartition("/")[0] + "/", channel_type="training"
    )
    automl.fit(channel, job_name=name, wait=False)
    described = ends.automl_job(name)
    assert described["AutoMLJobStatus"] == "Completed", described.get("FailureReason")
    attached = AutoMLV2.attach(name, sagemaker_session=session)
    assert attached.problem_config.target_attribute_name == "label"
    assert attached.best_candidate()["CandidateStatus"] == "Completed"
    assert len(attached.list_candidates()) == 2
