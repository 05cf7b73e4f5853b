"""AutoML jobs of a running emulator: what they find, what they leave, and how they end."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.containers.prepared_program import ONE_THREAD
from tests.emulator.conftest import RunningEmulator

from .automl import AutoML

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def automl(emulator: RunningEmulator) -> AutoML:
    return AutoML(emulator)


@pytest.fixture(scope="module")
def completed(automl: AutoML) -> dict[str, Any]:
    """An ensemble of two candidates, deployed."""
    algorithms = {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["linear-learner", "xgboost"]}]}
    problem = {"Mode": "ENSEMBLING", "CandidateGenerationConfig": algorithms}
    described = automl.end(automl.begin(problem, ModelDeployConfig={"AutoGenerateEndpointName": True}))
    assert described["AutoMLJobStatus"] == "Completed", described.get("FailureReason")
    return described


def test_an_ensemble_is_the_best_candidate_and_what_explains_it_is_in_s3(
    automl: AutoML, completed: dict[str, Any]
) -> None:
    assert completed["AutoMLJobSecondaryStatus"] == "MaxCandidatesReached"
    assert completed["ResolvedAttributes"]["AutoMLJobObjective"] == {"MetricName": "F1"}
    resolved = completed["ResolvedAttributes"]["AutoMLProblemTypeResolvedAttributes"]
    assert resolved == {"TabularResolvedAttributes": {"ProblemType": "BinaryClassification"}}
    assert completed["EndTime"] >= completed["CreationTime"]
    assert "PartialFailureReasons" not in completed
    best = completed["BestCandidate"]
    assert best["FinalAutoMLJobObjectiveMetric"]["Value"] > 0.7
    assert best["FinalAutoMLJobObjectiveMetric"]["Type"] == "Maximize"
    (container,) = best["InferenceContainers"]
    assert container["Environment"]["SAGEMAKER_INFERENCE_SUPPORTED"].startswith("predicted_label,")
    locations = best["CandidateProperties"]["CandidateArtifactLocations"]
    for uri in (container["ModelDataUrl"], *locations.values(), *completed["AutoMLJobArtifacts"].values()):
        assert automl.exists(uri), uri
    metrics = best["CandidateProperties"]["CandidateMetrics"]
    assert {each["StandardMetricName"] for each in metrics} >= {"F1", "AUC", "LogLoss", "InferenceLatency"}


def test_the_candidates_of_an_ensemble_are_listed_with_what_they_reached(
    automl: AutoML, completed: dict[str, Any]
) -> None:
    name = completed["AutoMLJobName"]
    found = automl.candidates(name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert len(found) == 3
    values = [each["FinalAutoMLJobObjectiveMetric"]["Value"] for each in found]
    assert values == sorted(values, reverse=True)
    assert {each["CandidateStatus"] for each in found} == {"Completed"}
    best = completed["BestCandidate"]["CandidateName"]
    (one,) = automl.candidates(name, CandidateNameEquals=best)
    assert one["InferenceContainers"] == completed["BestCandidate"]["InferenceContainers"]
    assert automl.candidates(name, StatusEquals="Failed") == []
    page = automl.client.list_candidates_for_auto_ml_job(AutoMLJobName=name, MaxResults=2)
    assert len(page["Candidates"]) == 2
    assert page["NextToken"]


def test_the_notebook_of_the_candidates_runs_from_anywhere(
    automl: AutoML, completed: dict[str, Any], emulator: RunningEmulator, tmp_path: Path
) -> None:
    notebook = json.loads(automl.get(completed["AutoMLJobArtifacts"]["CandidateDefinitionNotebookLocation"]))
    code = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, **ONE_THREAD, **emulator.credentials},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    compared = re.search(r"^candidate-\d F1 of the job: (\S+) - here: (\S+)$", done.stdout, re.MULTILINE)
    assert compared is not None, done.stdout
    assert float(compared[1]) == pytest.approx(float(compared[2]))


def test_the_endpoint_that_the_job_deployed_answers_raw_rows(
    automl: AutoML, completed: dict[str, Any], emulator: RunningEmulator
) -> None:
    name = completed["ModelDeployResult"]["EndpointName"]
    assert automl.client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
    answer = emulator.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, ContentType="text/csv", Body="79,98,red\n19,11,\n"
    )
    assert answer["Body"].read().decode().split() == ["yes", "no"]
    automl.client.delete_endpoint(EndpointName=name)


def test_a_search_is_a_tuning_job_whose_training_jobs_are_the_candidates(automl: AutoML) -> None:
    name = automl.begin(
        {
            "Mode": "HYPERPARAMETER_TUNING",
            "ProblemType": "BinaryClassification",
            "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost", "linear-learner"]}]},
        },
        AutoMLJobObjective={"MetricName": "AUC"},
    )
    described = automl.end(name)
    assert described["AutoMLJobStatus"] == "Completed", described.get("FailureReason")
    found = automl.candidates(name)
    assert len(found) == 2
    trained = [each["CandidateSteps"][0]["CandidateStepName"] for each in found]
    jobs = automl.client.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    assert {each["TrainingJobName"] for each in jobs} == set(trained)
    best = max(each["FinalAutoMLJobObjectiveMetric"]["Value"] for each in found)
    assert described["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Value"] == best


def test_a_target_that_there_is_not_fails_the_job_with_the_reason(automl: AutoML) -> None:
    described = automl.end(automl.begin({"TargetAttributeName": "sold"}))
    assert described["AutoMLJobStatus"] == described["AutoMLJobSecondaryStatus"] == "Failed"
    assert "sold" in described["FailureReason"]
    assert "EndTime" in described
