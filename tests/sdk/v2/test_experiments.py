"""Run, load_run, list_runs and ExperimentAnalytics: what code and jobs log, and what is found of it; and lineage."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import boto3
import pytest
import sagemaker
from sagemaker.analytics import ExperimentAnalytics
from sagemaker.estimator import Estimator
from sagemaker.experiments import Run, list_runs, load_run
from sagemaker.experiments.experiment import Experiment
from sagemaker.inputs import TrainingInput
from sagemaker.lineage.artifact import Artifact
from sagemaker.lineage.association import Association
from sagemaker.lineage.context import Context
from sagemaker.lineage.query import LineageFilter, LineageQuery, LineageQueryDirectionEnum, LineageSourceEnum
from sagemaker.lineage.visualizer import LineageTableVisualizer

from tests.sdk.conftest import Ends

ERRORS = [4.0, 2.0, 1.0]


@pytest.fixture(scope="module")
def experiment(
    session: sagemaker.Session, unique: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of an experiment with two runs, of which the first was gone on with."""
    name = unique("experiment")
    notes = Path(tmp_path_factory.mktemp("notes")) / "notes.txt"
    notes.write_text("trained on Mondays", encoding="utf-8")
    with Run(experiment_name=name, run_name="first", sagemaker_session=session) as run:
        run.log_parameter("depth", 5)
        run.log_parameters({"booster": "gbtree", "eta": 0.3})
        run.log_file(str(notes), name="notes")
        run.log_artifact("rows", "s3://bucket/rows", media_type="text/csv", is_output=False)
        for step, value in enumerate(ERRORS):
            run.log_metric("error", value, step=step)
    with load_run(experiment_name=name, run_name="first", sagemaker_session=session) as run:
        run.log_metric("score", 0.75)
    with suppress(ValueError), Run(name, "second", sagemaker_session=session) as run:
        run.log_parameter("depth", 7)
        raise ValueError("gave up")
    return name


def test_a_run_keeps_what_is_logged_in_it(session: sagemaker.Session, boto: boto3.Session, experiment: str) -> None:
    client = boto.client("sagemaker")
    component = client.describe_trial_component(TrialComponentName=f"{experiment}-first")
    assert component["Status"] == {"PrimaryStatus": "Completed"}
    assert component["Parameters"] == {
        "depth": {"NumberValue": 5.0},
        "booster": {"StringValue": "gbtree"},
        "eta": {"NumberValue": 0.3},
    }
    notes = component["OutputArtifacts"]["notes"]
    bucket, _, key = notes["Value"].removeprefix("s3://").partition("/")
    assert boto.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"trained on Mondays"
    assert component["InputArtifacts"] == {"rows": {"Value": "s3://bucket/rows", "MediaType": "text/csv"}}
    error, score = component["Metrics"]
    assert (error["MetricName"], error["Count"], error["Last"], error["Max"]) == ("error", 3, 1.0, 4.0)
    assert (score["MetricName"], score["Avg"]) == ("score", 0.75)
    failed = client.describe_trial_component(TrialComponentName=f"{experiment}-second")
    assert failed["Status"] == {"PrimaryStatus": "Failed", "Message": "gave up"}
    assert {run.run_name for run in list_runs(experiment, sagemaker_session=session)} == {"first", "second"}


def test_analytics_tell_what_runs_and_jobs_have_measured(
    session: sagemaker.Session,
    boto: boto3.Session,
    role: str,
    bucket: str,
    train_uri: str,
    ends: Ends,
    experiment: str,
) -> None:
    estimator = Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        hyperparameters={"objective": "binary:logistic", "num_round": 4},
        sagemaker_session=session,
    )
    with load_run(experiment_name=experiment, run_name="first", sagemaker_session=session) as run:
        # Within a run the SDK gives its ExperimentConfig to jobs.
        estimator.fit({"train": TrainingInput(train_uri, content_type="text/csv")}, wait=False)
    job = ends.training_job(estimator.latest_training_job.name)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["ExperimentConfig"] == run.experiment_config
    component = f"{job['TrainingJobName']}-aws-training-job"

    table = ExperimentAnalytics(
        experiment, sort_by="metrics.error.max", sort_order="Descending", sagemaker_session=session
    ).dataframe()
    assert table["TrialComponentName"][0] == f"{experiment}-first"  # it alone has the metric
    rows = table.set_index("TrialComponentName")
    assert set(rows.index) == {f"{experiment}-first", f"{experiment}-second", component}
    assert list(rows.loc[f"{experiment}-first", ["depth", "error - Min", "error - Last"]]) == [5.0, 1.0, 1.0]
    assert rows.loc[component, "num_round"] == 4.0
    assert rows.loc[component, "SageMaker.ModelArtifact - Value"] == job["ModelArtifacts"]["S3ModelArtifacts"]
    assert rows.loc[component, "train:logloss - Count"] == 4
    assert rows.loc[component, "Experiments"] == [experiment]

    lineage = LineageTableVisualizer(session).show(training_job_name=job["TrainingJobName"])
    assert sorted(zip(lineage["Direction"], lineage["Type"], lineage["Association Type"], strict=True)) == [
        ("Input", "DataSet", "ContributedTo"),
        ("Input", "Image", "ContributedTo"),
        ("Output", "Model", "Produced"),
    ]


def test_lineage_is_made_and_queried(session: sagemaker.Session, unique: Callable[[str], str]) -> None:
    uri = f"s3://bucket/{unique('rows')}"
    rows = Artifact.create(source_uri=uri, artifact_type="DataSet", sagemaker_session=session)
    live = Context.create(unique("live"), source_uri=uri, context_type="Endpoint", sagemaker_session=session)
    Association.create(rows.artifact_arn, live.context_arn, "AssociatedWith", sagemaker_session=session)
    found = LineageQuery(session).query(
        [rows.artifact_arn],
        direction=LineageQueryDirectionEnum.DESCENDANTS,
        query_filter=LineageFilter(sources=[LineageSourceEnum.ENDPOINT]),
    )
    assert [vertex.arn for vertex in found.vertices] == [live.context_arn]
    assert [(edge.source_arn, edge.destination_arn) for edge in found.edges] == [(rows.artifact_arn, live.context_arn)]
    assert found.vertices[0].to_lineage_object().context_name == live.context_name
    rows.delete(disassociate=True)
    assert list(Artifact.list(source_uri=uri, sagemaker_session=session)) == []


def test_an_experiment_is_deleted_with_all_that_is_in_it(
    session: sagemaker.Session, boto: boto3.Session, unique: Callable[[str], str]
) -> None:
    name = unique("gone")
    with Run(experiment_name=name, run_name="only", sagemaker_session=session):
        pass
    Experiment.load(name, session)._delete_all("--force")
    names = [each["ExperimentName"] for each in boto.client("sagemaker").list_experiments()["ExperimentSummaries"]]
    assert name not in names
