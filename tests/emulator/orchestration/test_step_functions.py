"""State machines whose tasks are SageMaker's, run by the embedded host with real jobs behind them."""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator
from tests.emulator.events.rule import Rule
from tests.emulator.tiny_job import ROLE, TinyJobs

from .executions import SAGEMAKER, begin, finished, run, task

CATCH_ALL = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]


@pytest.fixture
def jobs(emulator: RunningEmulator, tmp_path: Path) -> TinyJobs:
    return TinyJobs(emulator, tmp_path)


@pytest.fixture
def name() -> str:
    return f"step-{uuid.uuid4().hex[:8]}"


def status(emulator: RunningEmulator, name: str) -> str:
    try:
        answer = emulator.client("sagemaker").describe_training_job(TrainingJobName=name)
    except ClientError:
        return "none"
    return str(answer["TrainingJobStatus"])


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def wait_for(emulator: RunningEmulator, name: str, wanted: str) -> None:
    wait_until(lambda: status(emulator, name) == wanted)


def test_a_model_is_made_of_what_a_job_has_trained(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    container = {"Image": jobs.image, "ModelDataUrl.$": "$.ModelArtifacts.S3ModelArtifacts"}
    model = {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": ROLE}
    variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": name, "ProductionVariants": [variant]}
    output = run(
        emulator,
        {
            "Train": task(f"{SAGEMAKER}:createTrainingJob.sync", jobs.request(name), End=False, Next="Model"),
            "Model": task(f"{SAGEMAKER}:createModel", model, ResultPath="$.model", End=False, Next="Config"),
            "Config": task(f"{SAGEMAKER}:createEndpointConfig", config, ResultPath="$.config"),
        },
    )
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    assert output["model"] == {"ModelArn": f"{prefix}:model/{name}"}
    assert output["config"] == {"EndpointConfigArn": f"{prefix}:endpoint-config/{name}"}
    described = emulator.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert output["TrainingJobStatus"] == described["TrainingJobStatus"] == "Completed"
    assert abs(output["TrainingEndTime"] - described["TrainingEndTime"].timestamp() * 1000) <= 1
    made = emulator.client("sagemaker").describe_model(ModelName=name)
    assert made["PrimaryContainer"]["ModelDataUrl"] == described["ModelArtifacts"]["S3ModelArtifacts"]


def test_a_task_without_sync_goes_on_at_once(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    request = jobs.request(name, seconds="600")
    output = run(emulator, {"Train": task(f"{SAGEMAKER}:createTrainingJob", request)})
    assert output == {"TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}"}
    assert status(emulator, name) == "InProgress"
    emulator.client("sagemaker").stop_training_job(TrainingJobName=name)
    wait_for(emulator, name, "Stopped")


def test_a_processing_job_is_waited_for(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    output = run(emulator, {"Process": task(f"{SAGEMAKER}:createProcessingJob.sync", jobs.processing_request(name))})
    assert output["ProcessingJobStatus"] == "Completed"
    assert output["ProcessingEndTime"] >= output["CreationTime"] > 1_000_000_000_000


def test_the_best_model_of_a_tuning_job_transforms_and_all_of_it_is_told(
    emulator: RunningEmulator, jobs: TinyJobs, name: str
) -> None:
    detail = {"$or": [{f"{kind}JobName": [name]} for kind in ("HyperParameterTuning", "Transform")]}
    rule = Rule(emulator, {"detail": detail})
    emulator.client("s3").put_object(Bucket=jobs.bucket, Key="input/words", Body=b"one\ntwo\n")
    best = {"TrainingJobName.$": "$.BestTrainingJob.TrainingJobName"}
    container = {"Image": jobs.image, "ModelDataUrl.$": "$.ModelArtifacts.S3ModelArtifacts"}
    model = {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": ROLE}
    output = run(
        emulator,
        {
            "Tune": task(
                f"{SAGEMAKER}:createHyperParameterTuningJob.sync", jobs.tuning_request(name), End=False, Next="Best"
            ),
            "Best": task("arn:aws:states:::aws-sdk:sagemaker:describeTrainingJob", best, End=False, Next="Model"),
            "Model": task(f"{SAGEMAKER}:createModel", model, ResultPath=None, End=False, Next="Transform"),
            "Transform": task(
                f"{SAGEMAKER}:createTransformJob.sync", jobs.transform_request(name, name), ResultPath="$.transform"
            ),
        },
    )
    assert output["HyperParameters"]["x"] == "2"
    assert output["transform"]["TransformJobStatus"] == "Completed"
    answer = emulator.client("s3").get_object(Bucket=jobs.bucket, Key="transformed/words.out")
    assert answer["Body"].read() == b"ONE\nTWO\n"

    events = rule.events(lambda events: len(events) == 4)
    assert [event["detail-type"].split()[1] for event in events] == ["HyperParameter"] * 2 + ["Transform"] * 2
    tuned, transformed = events[1]["detail"], events[3]["detail"]
    assert tuned["HyperParameterTuningJobStatus"] == transformed["TransformJobStatus"] == "Completed"
    assert tuned["TrainingJobStatusCounters"]["Completed"] == 2
    assert isinstance(transformed["TransformEndTime"], int)


def test_a_stopped_execution_stops_its_tuning_job(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    request = jobs.tuning_request(name, seconds="600")
    execution = begin(emulator, {"Tune": task(f"{SAGEMAKER}:createHyperParameterTuningJob.sync", request)})
    sagemaker = emulator.client("sagemaker")

    def trials() -> list[str]:
        answer = sagemaker.list_training_jobs(NameContains=name)
        return [each["TrainingJobStatus"] for each in answer["TrainingJobSummaries"]]

    wait_until(lambda: "InProgress" in trials())
    emulator.client("stepfunctions").stop_execution(executionArn=execution)
    wait_until(
        lambda: (
            sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)[
                "HyperParameterTuningJobStatus"
            ]
            == "Stopped"
        )
    )
    assert set(trials()) == {"Stopped"}


def test_the_failure_of_a_job_is_caught_with_its_reason(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    request = jobs.request(name, reason="no bananas left")
    output = run(
        emulator,
        {
            "Train": task(f"{SAGEMAKER}:createTrainingJob.sync", request, Catch=CATCH_ALL),
            "Caught": {"Type": "Pass", "End": True},
        },
    )
    assert output["error"]["Error"] == "States.TaskFailed"
    cause = json.loads(output["error"]["Cause"])
    assert cause["TrainingJobStatus"] == "Failed"
    assert "no bananas left" in cause["FailureReason"]


def test_a_job_that_somebody_stops_fails_its_task(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    execution = begin(
        emulator, {"Train": task(f"{SAGEMAKER}:createTrainingJob.sync", jobs.request(name, seconds="600"))}
    )
    wait_for(emulator, name, "InProgress")
    emulator.client("sagemaker").stop_training_job(TrainingJobName=name)
    answer = finished(emulator, execution)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(answer["cause"])["TrainingJobStatus"] == "Stopped"


def test_a_stopped_execution_stops_its_job_and_stays_stopped(
    emulator: RunningEmulator, jobs: TinyJobs, name: str
) -> None:
    execution = begin(
        emulator, {"Train": task(f"{SAGEMAKER}:createTrainingJob.sync", jobs.request(name, seconds="600"))}
    )
    wait_for(emulator, name, "InProgress")
    emulator.client("stepfunctions").stop_execution(executionArn=execution, error="Enough", cause="of it")
    wait_for(emulator, name, "Stopped")
    answer = finished(emulator, execution)
    assert (answer["status"], answer["error"], answer["cause"]) == ("ABORTED", "Enough", "of it")


def test_a_task_whose_time_is_over_stops_its_job(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    request = jobs.request(name, seconds="600")
    states = {"Train": task(f"{SAGEMAKER}:createTrainingJob.sync", request, TimeoutSeconds=1)}
    answer = finished(emulator, begin(emulator, states))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")
    wait_for(emulator, name, "Stopped")


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "cause"),
    [
        (
            f"{SAGEMAKER}:createTrainingJob.sync",
            {"TrainingJobName": "a job"},
            "SageMaker.AmazonSageMakerException",
            "Value 'a job' at 'trainingJobName' failed to satisfy constraint",
        ),
        (
            "arn:aws:states:::aws-sdk:sagemaker:describeModel",
            {"ModelName": "none"},
            "SageMaker.SageMakerException",
            'Could not find model "arn:aws:sagemaker',
        ),
        (f"{SAGEMAKER}:createModel.sync", {}, "States.Runtime", f"'{SAGEMAKER}:createModel.sync' is not one of"),
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html has no task for pipelines.
        (
            f"{SAGEMAKER}:startPipelineExecution.sync",
            {},
            "States.Runtime",
            "Any other operation is called by 'arn:aws:states:::aws-sdk:sagemaker:' and its name, which waits for",
        ),
    ],
)
def test_what_is_refused_has_awss_name(
    emulator: RunningEmulator, resource: str, parameters: dict[str, Any], error: str, cause: str
) -> None:
    answer = finished(emulator, begin(emulator, {"Do": task(resource, parameters)}))
    assert (answer["status"], answer["error"]) == ("FAILED", error)
    assert cause in answer["cause"]


def test_a_name_that_is_taken_has_its_own_error(emulator: RunningEmulator, jobs: TinyJobs, name: str) -> None:
    states = {
        "First": task(f"{SAGEMAKER}:createTrainingJob.sync", jobs.request(name), End=False, Next="Second"),
        "Second": task(f"{SAGEMAKER}:createTrainingJob.sync", jobs.request(name)),
    }
    answer = finished(emulator, begin(emulator, states))
    assert answer["error"] == "SageMaker.ResourceInUseException"


def test_any_operation_is_called_through_the_sdk_with_times_in_words(
    emulator: RunningEmulator, jobs: TinyJobs, name: str
) -> None:
    request = {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": jobs.image}}
    output = run(
        emulator,
        {
            "Make": task("arn:aws:states:::aws-sdk:sagemaker:createModel", request, End=False, Next="Describe"),
            "Describe": task("arn:aws:states:::aws-sdk:sagemaker:describeModel", {"ModelName": name}),
        },
    )
    made = emulator.client("sagemaker").describe_model(ModelName=name)
    assert output["ModelArn"] == made["ModelArn"]
    assert output["CreationTime"] == made["CreationTime"].strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
