from collections.abc import Iterator
from typing import Any

import pytest
from sagecraft_constructs.handlers.automl import AutoMLJob
from sagecraft_constructs.handlers.error import JobError

from .sagemaker_server import SageMakerServer, clients_of, sagemaker_server

BEST = {
    "CandidateName": "best",
    "FinalAutoMLJobObjectiveMetric": {"MetricName": "F1", "Value": 0.8},
    "InferenceContainers": [{"Image": "image", "ModelDataUrl": "s3://bucket/a.tar.gz"}],
    "CandidateProperties": {
        "CandidateArtifactLocations": {"Explainability": "s3://bucket/why", "ModelInsights": "s3://bucket/how-well"}
    },
}
COMPLETED: dict[str, Any] = {
    "AutoMLJobName": "titanic",
    "AutoMLJobArn": "arn:aws:sagemaker:us-east-1:123456789012:automl-job/titanic",
    "AutoMLJobStatus": "Completed",
    "AutoMLJobSecondaryStatus": "Completed",
    "BestCandidate": BEST,
    "AutoMLJobArtifacts": {
        "DataExplorationNotebookLocation": "s3://bucket/data.ipynb",
        "CandidateDefinitionNotebookLocation": "s3://bucket/candidates.ipynb",
    },
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMakerServer]:
    with sagemaker_server() as running, clients_of(running, monkeypatch):
        yield running


def test_the_best_candidate_and_the_reports_are_its_attributes() -> None:
    assert AutoMLJob().attributes(COMPLETED) == {
        "AutoMLJobName": "titanic",
        "AutoMLJobArn": COMPLETED["AutoMLJobArn"],
        "BestCandidateName": "best",
        "BestObjectiveMetricName": "F1",
        "BestObjectiveValue": "0.8",
        "DataExplorationNotebook": "s3://bucket/data.ipynb",
        "CandidateDefinitionNotebook": "s3://bucket/candidates.ipynb",
        "Explainability": "s3://bucket/why",
        "ModelInsights": "s3://bucket/how-well",
    }


def test_reports_that_sagemaker_did_not_make_are_empty_and_a_candidate_is_needed() -> None:
    bare = {**COMPLETED, "BestCandidate": {**BEST, "CandidateProperties": {}}, "AutoMLJobArtifacts": {}}
    attributes = AutoMLJob().attributes(bare)
    assert attributes["ModelInsights"] == attributes["DataExplorationNotebook"] == ""
    without = {**COMPLETED, "AutoMLJobSecondaryStatus": "MaxAutoMLJobRuntimeReached"}
    del without["BestCandidate"]
    with pytest.raises(JobError, match=r"titanic completed \(MaxAutoMLJobRuntimeReached\) without a candidate"):
        AutoMLJob().attributes(without)


def test_its_results_are_the_models_of_the_best_candidate(server: SageMakerServer) -> None:
    assert not AutoMLJob().has_results(COMPLETED)
    server.objects.add("a.tar.gz")
    assert AutoMLJob().has_results(COMPLETED)
    assert not AutoMLJob().has_results({**COMPLETED, "BestCandidate": {}})


def test_it_is_begun_described_and_stopped_by_the_operations_of_its_version(server: SageMakerServer) -> None:
    kind = AutoMLJob()
    criteria = {"MaxCandidates": "3"}
    kind.create(
        "titanic",
        {
            "AutoMLJobInputDataConfig": [{"ChannelType": "training"}],
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/"},
            "AutoMLProblemTypeConfig": {
                "TabularJobConfig": {"TargetAttributeName": "y", "CompletionCriteria": criteria}
            },
            "RoleArn": "arn:aws:iam::123456789012:role/AutoML",
        },
    )
    job = kind.describe("titanic")
    assert job is not None
    assert kind.status(job) == "InProgress"
    kind.stop("titanic")
    assert [operation for operation, _ in server.calls] == [
        "CreateAutoMLJobV2",
        "DescribeAutoMLJobV2",
        "DescribeAutoMLJobV2",
        "StopAutoMLJob",
    ]
    (begun,) = server.called("CreateAutoMLJobV2")
    config = begun["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    assert config["CompletionCriteria"] == {"MaxCandidates": 3}
    assert kind.describe("other") is None
