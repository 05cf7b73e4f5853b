"""What an AutoML job asks of the service, and how it ends; the service is one whose jobs end as a test says."""

import io
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.automl.job import AutoMLJob
from sagecraft_emulator.automl.kind import AutoMLJobKind
from sagecraft_emulator.automl.parts import is_part
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.jobs.conductor import Conductor
from sagecraft_emulator.jobs.work import EMULATOR_ENDED
from sagecraft_emulator.state.store import Record, RecordKey, Store

from tests.emulator.world import ACCOUNT, REGION, wait_until

KEY = RecordKey("AutoMLJob", ACCOUNT, REGION, "job")
ROOT = "s3://bucket/out/job"
ANALYSIS = {"problem": "Regression", "objective": "RMSE"}
BOARD = {"candidates": [{"name": "ensemble"}, {"name": "candidate-1", "failure": "no memory"}]}


class Objects:
    """Objects by URI."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {
            f"{ROOT}/sagemaker-automl-candidates/analysis/analysis.json": ANALYSIS,
            f"{ROOT}/sagemaker-automl-candidates/leaderboard/leaderboard.json": BOARD,
        }

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - boto3's names
        if Bucket == "absent":
            raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no such bucket"}}, "PutObject")
        self.found[f"s3://{Bucket}/{Key}"] = json.loads(Body)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        uri = f"s3://{Bucket}/{Key}"
        if uri not in self.found:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no such key"}}, "GetObject")
        body = json.dumps(self.found[uri]).encode()
        return {"ContentLength": len(body), "Body": io.BytesIO(body)}


class Service:
    """Keeps what it is asked for as records; each kind ends at once as is said, or runs until it is stopped."""

    queued_seconds = 0.0
    """How long after its creation a job begins."""

    def __init__(self, store: Store, **ends: tuple[str, dict[str, Any]] | None) -> None:
        self.store, self.objects = store, Objects()
        trained = {
            "ModelArtifacts": {"S3ModelArtifacts": f"{ROOT}/training/model.tar.gz"},
            "FinalMetricDataList": [{"MetricName": "validation:RMSE", "Value": 2.5, "Timestamp": 1.0}],
        }
        given: dict[str, tuple[str, dict[str, Any]] | None] = {
            "ProcessingJob": ("Completed", {}),
            "TrainingJob": ("Completed", trained),
            "Endpoint": ("InService", {}),
            "Model": (None, {}),  # type: ignore[dict-item]  # which has no status
            "EndpointConfig": (None, {}),  # type: ignore[dict-item]  # likewise
        }
        self.ends = {**given, **ends}
        self.asked: list[str] = []

    def call(
        self, operation: str, request: Mapping[str, Any], caller: Caller, own: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        self.asked.append(operation)
        kind = operation.removeprefix("Create").removeprefix("Stop")
        key = RecordKey(kind, caller.account, caller.region, request[f"{kind}Name"])
        if operation.startswith("Stop"):
            self.store.update(key, status="Stopped", body=self.ends.get("Stopped", ("", {}))[1])  # type: ignore[index]
            return {}
        end = self.ends[kind]
        begun = {"Endpoint": "Creating", "Model": None, "EndpointConfig": None}.get(kind, "InProgress")
        began: dict[str, Any] = {f"{kind.removesuffix('Job')}StartTime": time.time() + self.queued_seconds}
        if kind == "TrainingJob":
            began["ModelArtifacts"] = {"S3ModelArtifacts": ""}
        self.store.create(key, arn=f"arn:{key.name}", status=begun, body={**request, **own, **began})
        if end is not None and begun is not None:
            self.store.update(key, status=end[0], body=end[1])
        return {}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "sagemaker.sqlite3", NOUNS.states)
    yield made
    made.close()


def body(**members: Any) -> dict[str, Any]:
    criteria = members.pop("criteria", {"MaxCandidates": 5})
    problem = {"TargetAttributeName": "y", "CompletionCriteria": criteria, **members.pop("problem", {})}
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}}
    return {
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": source}],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out/"},
        "AutoMLProblemTypeConfig": {"TabularJobConfig": problem},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/work",
        "AutoMLJobSecondaryStatus": "Starting",
        **members,
    }


def conductor(store: Store, service: Service) -> Conductor[AutoMLJob]:
    clients = SimpleNamespace(s3=lambda _account, _region: service.objects)
    machine = cast("Machine", SimpleNamespace(clients=clients))
    return Conductor(store, "AutoMLJob", lambda key: AutoMLJob(store, service.call, key, machine), is_part)


def run(store: Store, service: Service, **members: Any) -> Record:
    """Runs a job to its end."""
    store.create(KEY, arn="arn:job", status="InProgress", body=body(**members))
    runner = conductor(store, service)
    try:
        runner.start(KEY)
        wait_until(lambda: store.get(KEY).status not in {"InProgress", "Stopping"})
    finally:
        runner.shutdown()
    return store.get(KEY)


def view(store: Store) -> dict[str, Any]:
    return AutoMLJobKind(store, cast("Any", None)).view(store.get(KEY))


def test_the_data_are_analyzed_candidates_trained_and_the_best_explained(store: Store) -> None:
    service = Service(store)
    record = run(store, service)
    assert (record.status, record.body["AutoMLJobSecondaryStatus"]) == ("Completed", "Completed")
    assert service.asked == ["CreateProcessingJob", "CreateTrainingJob", "CreateProcessingJob"]
    asked = service.objects.found[f"{ROOT}/sagemaker-automl-candidates/definition/definition.json"]
    assert {name: asked[name] for name in asked if name != "seed"} == {
        "target": "y",
        "prepared": f"{ROOT}/preprocessed-data/prepared",
        "leaderboard": f"{ROOT}/sagemaker-automl-candidates/leaderboard",
    }
    best = record.body["BestCandidate"]
    assert best["FinalAutoMLJobObjectiveMetric"] == {
        "Type": "Minimize",
        "MetricName": "RMSE",
        "StandardMetricName": "RMSE",
        "Value": 2.5,
    }
    assert best["InferenceContainers"][0]["Environment"]["SAGEMAKER_INFERENCE_SUPPORTED"] == "predicted_label"
    (failed,) = [each for each in record.body["_Candidates"] if each["CandidateName"] != "job-ensemble"]
    assert (failed["CandidateStatus"], failed["FailureReason"]) == ("Failed", "no memory")
    assert "EndTime" in view(store)


def test_only_what_was_generated_is_left_where_no_more_is_asked_for(store: Store) -> None:
    problem = {"Mode": "HYPERPARAMETER_TUNING", "GenerateCandidateDefinitionsOnly": True}
    service = Service(store)
    record = run(store, service, problem=problem)
    assert record.body["AutoMLJobSecondaryStatus"] == "CandidateDefinitionsGenerated"
    assert service.asked == ["CreateProcessingJob"]


def test_columns_to_learn_from_are_read_from_the_file_that_tells_them(store: Store) -> None:
    service = Service(store)
    told = {"FeatureAttributeNames": ["a", "b"], "FeatureDataTypes": {"a": "categorical"}}
    service.objects.found["s3://bucket/columns.json"] = told
    run(store, service, problem={"FeatureSpecificationS3Uri": "s3://bucket/columns.json"})
    asked = service.objects.found[f"{ROOT}/sagemaker-automl-candidates/definition/definition.json"]
    assert (asked["features"], asked["types"]) == (["a", "b"], {"a": "categorical"})


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (None, "ClientError: 's3://bucket/columns.json' cannot be read"),
        ([], "ClientError: FeatureSpecificationS3Uri 's3://bucket/columns.json' is no JSON object."),
        ({"FeatureAttributeNames": "a"}, "ClientError: FeatureAttributeNames of"),
        (
            {"FeatureDataTypes": {"a": "sequence"}},
            "ClientError: FeatureDataTypes of 's3://bucket/columns.json' must be",
        ),
        ({"FeatureAttributeNames": ["a"], "FeatureDataTypes": {"b": "text"}}, "ClientError: FeatureDataTypes has 'b'"),
    ],
)
def test_a_file_of_columns_that_is_none_fails_the_job(store: Store, told: Any, reason: str) -> None:
    service = Service(store)
    if told is not None:
        service.objects.found["s3://bucket/columns.json"] = told
    record = run(store, service, problem={"FeatureSpecificationS3Uri": "s3://bucket/columns.json"})
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith(reason)
    assert service.asked == []
    assert (view(store)["AutoMLJobSecondaryStatus"], "EndTime" in view(store)) == ("Failed", True)


def test_data_that_cannot_be_learnt_from_fail_the_job_with_the_reason_of_the_analysis(store: Store) -> None:
    reason = "AlgorithmError: There is no column 'y'., exit code: 1"
    record = run(store, Service(store, ProcessingJob=("Failed", {"FailureReason": reason})))
    assert record.status == "Failed"
    assert record.body["FailureReason"] == "ClientError: There is no column 'y'."


def test_a_bucket_that_is_not_there_is_the_users_to_mend(store: Store) -> None:
    record = run(store, Service(store), OutputDataConfig={"S3OutputPath": "s3://absent/out"})
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith("ClientError: 's3://absent/out/job/sagemaker-automl-candidates/")
    assert "NoSuchBucket" in record.body["FailureReason"]


def test_a_job_on_text_is_described_as_the_model_of_the_service_has_it(store: Store) -> None:
    text = {"ContentColumn": "t", "TargetLabelColumn": "y"}
    run(store, Service(store), AutoMLProblemTypeConfig={"TextClassificationJobConfig": text})
    resolved = view(store)["ResolvedAttributes"]
    assert resolved["AutoMLJobObjective"] == {"MetricName": "RMSE"}
    # A union has one member, or is not there; boto3 takes nothing else.
    assert "AutoMLProblemTypeResolvedAttributes" not in resolved


def test_a_report_that_fails_is_told_and_the_candidate_stays(store: Store) -> None:
    service = Service(store)
    reports = iter([("Completed", {}), ("Failed", {"FailureReason": "no memory"})])
    call = service.call

    def second_fails(operation: str, *arguments: Any) -> Mapping[str, Any]:
        if operation == "CreateProcessingJob":
            service.ends["ProcessingJob"] = next(reports)
        return call(operation, *arguments)

    service.call = second_fails  # type: ignore[method-assign,assignment]  # which ends the second one otherwise
    record = run(store, service)
    assert record.status == "Completed"
    (partial,) = record.body["PartialFailureReasons"]
    assert "The reports of job-ensemble could not be made: no memory" in partial["PartialFailureMessage"]
    assert "CandidateArtifactLocations" not in record.body["BestCandidate"]["CandidateProperties"]


def test_what_a_report_could_not_make_is_told_of_a_job_that_is_completed(store: Store) -> None:
    service = Service(store, ProcessingJob=("Completed", {"ExitMessage": "The report of explanations needs shap."}))
    record = run(store, service)
    assert record.status == "Completed"
    (partial,) = record.body["PartialFailureReasons"]
    assert partial["PartialFailureMessage"] == "The report of explanations needs shap."
    assert "CandidateArtifactLocations" in record.body["BestCandidate"]["CandidateProperties"]
    assert len(record.body["_Candidates"]) == 2


@pytest.mark.parametrize(
    "problem",
    [
        {"TextClassificationJobConfig": {"ContentColumn": "t", "TargetLabelColumn": "y"}},
        {
            "TimeSeriesForecastingJobConfig": {
                "ForecastFrequency": "D",
                "ForecastHorizon": 7,
                "TimeSeriesConfig": {
                    "TargetAttributeName": "y",
                    "TimestampAttributeName": "t",
                    "ItemIdentifierAttributeName": "i",
                },
            }
        },
    ],
    ids=["text", "forecast"],
)
def test_the_best_candidate_of_any_problem_is_deployed(store: Store, problem: dict[str, Any]) -> None:
    service = Service(store)
    deploy = {"EndpointName": "wanted"}
    record = run(store, service, AutoMLProblemTypeConfig=problem, ModelDeployConfig=deploy)
    assert (record.status, record.body["ModelDeployResult"]) == ("Completed", deploy)
    assert "PartialFailureReasons" not in record.body
    (model,) = store.find("Model")
    assert model.body["PrimaryContainer"] == record.body["BestCandidate"]["InferenceContainers"][0]


def test_an_endpoint_that_fails_is_told_and_the_candidate_stays(store: Store) -> None:
    service = Service(store, Endpoint=("Failed", {"FailureReason": "no /ping"}))
    record = run(store, service, ModelDeployConfig={"EndpointName": "wanted"})
    assert (record.status, record.body["AutoMLJobSecondaryStatus"]) == ("Completed", "ModelDeploymentError")
    (partial,) = record.body["PartialFailureReasons"]
    assert partial["PartialFailureMessage"] == "The endpoint wanted was not deployed: no /ping"
    assert service.asked[-3:] == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]


def test_an_endpoint_that_is_refused_is_told_and_the_candidate_stays(store: Store) -> None:
    service = Service(store)
    call = service.call

    def refuses(operation: str, *arguments: Any) -> Mapping[str, Any]:
        if operation == "CreateEndpoint":
            raise ApiError("ValidationException", "Cannot create already existing endpoint.")
        return call(operation, *arguments)

    service.call = refuses  # type: ignore[method-assign,assignment]  # which makes one otherwise
    record = run(store, service, ModelDeployConfig={"EndpointName": "taken"})
    assert (record.status, record.body["AutoMLJobSecondaryStatus"]) == ("Completed", "ModelDeploymentError")
    (partial,) = record.body["PartialFailureReasons"]
    told = "The endpoint taken was not deployed: Cannot create already existing endpoint."
    assert partial["PartialFailureMessage"] == told
    assert "BestCandidate" in record.body


def test_a_job_whose_time_is_over_keeps_the_best_so_far(store: Store) -> None:
    service = Service(store, TrainingJob=None)
    service.ends["Stopped"] = ("Stopped", {"ModelArtifacts": {"S3ModelArtifacts": f"{ROOT}/training/model.tar.gz"}})
    record = run(store, service, criteria={"MaxAutoMLJobRuntimeInSeconds": 1})
    assert (record.status, record.body["AutoMLJobSecondaryStatus"]) == ("Completed", "MaxAutoMLJobRuntimeReached")
    assert record.body["BestCandidate"]["CandidateName"] == "job-ensemble"
    assert service.asked[-1] == "StopTrainingJob"


@pytest.mark.parametrize("step", ["ProcessingJob", "TrainingJob"])
def test_a_job_whose_time_is_over_before_there_is_a_candidate_has_failed(store: Store, step: str) -> None:
    service = Service(store, **{step: None})
    record = run(store, service, criteria={"MaxAutoMLJobRuntimeInSeconds": 1})
    assert record.status == "Failed"
    assert "BestCandidate" not in record.body
    assert "No candidate was trained within MaxAutoMLJobRuntimeInSeconds, 1;" in record.body["FailureReason"]


def test_what_its_jobs_wait_for_cores_takes_nothing_of_the_time_of_a_job(store: Store) -> None:
    service = Service(store, TrainingJob=None)
    service.queued_seconds = 1000.0
    store.create(KEY, arn="arn:job", status="InProgress", body=body(criteria={"MaxAutoMLJobRuntimeInSeconds": 60}))
    runner = conductor(store, service)
    runner.start(KEY)
    wait_until(lambda: "CreateTrainingJob" in service.asked)
    deadline = runner._jobs[KEY].deadline
    runner.shutdown()
    assert deadline == pytest.approx(store.get(KEY).created + 60 + 2 * 1000, abs=10)  # the analysis waited, too


def test_a_job_that_is_stopped_stops_what_runs_for_it(store: Store) -> None:
    service = Service(store, TrainingJob=None)
    store.create(KEY, arn="arn:job", status="InProgress", body=body())
    runner = conductor(store, service)
    runner.start(KEY)
    wait_until(lambda: "CreateTrainingJob" in service.asked)
    store.update(KEY, status="Stopping")
    assert view(store)["AutoMLJobSecondaryStatus"] == "Stopping"
    runner.stop(KEY)
    wait_until(lambda: store.get(KEY).status == "Stopped")
    runner.shutdown()
    assert service.asked[-1] == "StopTrainingJob"
    assert "BestCandidate" not in store.get(KEY).body


def test_what_an_emulator_that_ended_had_begun_is_begun_again_under_another_name(store: Store) -> None:
    service = Service(store, TrainingJob=None)
    store.create(KEY, arn="arn:job", status="InProgress", body=body())
    runner = conductor(store, service)
    runner.start(KEY)
    wait_until(lambda: "CreateTrainingJob" in service.asked)
    runner.shutdown()
    (lost,) = store.find("TrainingJob")
    store.update(lost.key, status="Failed", body={"FailureReason": EMULATOR_ENDED, "TrainingEndTime": time.time()})
    again = Service(store)
    runner = conductor(store, again)
    runner.recover()
    wait_until(lambda: store.get(KEY).status == "Completed")
    runner.shutdown()
    assert again.asked == ["CreateTrainingJob", "CreateProcessingJob"]
    assert len(list(store.find("TrainingJob"))) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("deploy", [{"EndpointName": "wanted"}, {"AutoGenerateEndpointName": True}])
@pytest.mark.parametrize("killed_before", ["CreateEndpointConfig", "CreateEndpoint"])
def test_a_deployment_that_an_emulator_has_begun_goes_on_with_what_it_made(
    store: Store, deploy: dict[str, Any], killed_before: str
) -> None:
    service = Service(store)
    call, killed = service.call, Event()

    def dies(operation: str, *arguments: Any) -> Mapping[str, Any]:
        if operation == killed_before:
            killed.set()
            raise SystemExit  # as the thread of an emulator that is killed ends: it says nothing
        return call(operation, *arguments)

    service.call = dies  # type: ignore[method-assign,assignment]  # which goes on otherwise
    store.create(KEY, arn="arn:job", status="InProgress", body=body(ModelDeployConfig=deploy))
    runner = conductor(store, service)
    runner.start(KEY)
    assert killed.wait(10)
    runner.shutdown()
    again = Service(store)
    runner = conductor(store, again)
    runner.recover()
    wait_until(lambda: store.get(KEY).status == "Completed")
    runner.shutdown()
    assert again.asked == ["CreateEndpointConfig", "CreateEndpoint"][killed_before == "CreateEndpoint" :]
    (model,), (endpoint,) = store.find("Model"), store.find("Endpoint")
    assert store.get(KEY).body["ModelDeployResult"] == {"EndpointName": endpoint.key.name}
    assert model.key.name == endpoint.key.name
    assert "PartialFailureReasons" not in store.get(KEY).body
