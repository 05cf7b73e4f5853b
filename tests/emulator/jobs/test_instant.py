"""`execute="instant"`: everything is over at once, nothing runs, and the records say so."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.engine import Engine
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.events.event import Event
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_emulator.surroundings.host import ClientHost

CALLER = Caller("000000000000", "us-east-1")
ROLE = "arn:aws:iam::000000000000:role/work"
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/nobody-has-this:1"
RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
SAID = (
    "Completed without running: the emulator's execute is 'instant'. Nothing was read or written, and there is no "
    "model, output or metric."
)
TRAINING: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/jobs/"},
    "ResourceConfig": RESOURCES,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


class AnyRole(ClientHost):
    """A host whose roles may all be assumed."""

    def check_trust(self, role_arn: str, account: str) -> None:
        """Passes every role."""


class InstantEngine(Engine):
    """An engine whose host nobody can reach: whatever ran would fail."""

    def __init__(self, directory: Path) -> None:
        self.events: list[Event] = []
        work = directory / "work"
        work.mkdir()
        clients = Clients("http://127.0.0.1:9")
        super().__init__(directory / "database", work, clients, self.events.append, "instant", host=AnyRole(clients))
        self.start()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.service.call(operation, request, CALLER)

    def tags(self, arn: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.call("ListTags", ResourceArn=arn)["Tags"]}

    def make_endpoint_config(self, name: str, weight: float = 1.0) -> None:
        variant = {"VariantName": "All", "ModelName": "model", "InstanceType": "ml.m5.large"}
        variants = [{**variant, "InitialInstanceCount": 2, "InitialVariantWeight": weight}]
        self.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[InstantEngine]:
    running = InstantEngine(tmp_path)
    yield running
    running.stop()
    running.close()


def test_a_training_job_is_complete_at_once_and_says_that_it_did_not_run(engine: InstantEngine) -> None:
    arn = engine.call("CreateTrainingJob", TrainingJobName="job", **TRAINING)["TrainingJobArn"]
    view = engine.call("DescribeTrainingJob", TrainingJobName="job")
    assert (view["TrainingJobStatus"], view["SecondaryStatus"]) == ("Completed", "Completed")
    assert [each["Status"] for each in view["SecondaryStatusTransitions"]] == ["Starting", "Completed"]
    assert view["SecondaryStatusTransitions"][-1]["StatusMessage"] == SAID
    assert (view["TrainingTimeInSeconds"], view["BillableTimeInSeconds"]) == (0, 0)
    assert view["ModelArtifacts"] == {"S3ModelArtifacts": "s3://bucket/jobs/job/output/model.tar.gz"}
    assert "FinalMetricDataList" not in view
    assert "FailureReason" not in view
    assert engine.tags(arn) == {"sagecraft:execute": "instant"}


def test_an_uncompressed_model_would_be_a_prefix(engine: InstantEngine) -> None:
    output = {"S3OutputPath": "s3://bucket/jobs", "CompressionType": "NONE"}
    engine.call("CreateTrainingJob", **{**TRAINING, "TrainingJobName": "job", "OutputDataConfig": output})
    view = engine.call("DescribeTrainingJob", TrainingJobName="job")
    assert view["ModelArtifacts"]["S3ModelArtifacts"] == "s3://bucket/jobs/job/output/model/"


def test_the_tags_of_the_user_stay(engine: InstantEngine) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    arn = engine.call("CreateTrainingJob", TrainingJobName="job", Tags=tags, **TRAINING)["TrainingJobArn"]
    assert engine.tags(arn) == {"team": "a", "sagecraft:execute": "instant"}


def test_a_request_is_checked_as_ever(engine: InstantEngine) -> None:
    with pytest.raises(ApiError, match="Requested resource not found"):
        engine.call("DescribeTrainingJob", TrainingJobName="none")
    engine.call("CreateTrainingJob", TrainingJobName="job", **TRAINING)
    with pytest.raises(ApiError, match="names must be unique"):
        engine.call("CreateTrainingJob", TrainingJobName="job", **TRAINING)
    with pytest.raises(ApiError, match="in status Completed"):
        engine.call("StopTrainingJob", TrainingJobName="job")


def test_a_processing_job_says_it_in_its_exit_message(engine: InstantEngine) -> None:
    engine.call(
        "CreateProcessingJob",
        ProcessingJobName="job",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": IMAGE},
        ProcessingResources={"ClusterConfig": RESOURCES},
    )
    view = engine.call("DescribeProcessingJob", ProcessingJobName="job")
    assert (view["ProcessingJobStatus"], view["ExitMessage"]) == ("Completed", SAID)
    assert view["ProcessingEndTime"] >= view["ProcessingStartTime"]
    assert engine.tags(view["ProcessingJobArn"]) == {"sagecraft:execute": "instant"}


def test_a_transform_job_is_marked_by_its_tag(engine: InstantEngine) -> None:
    engine.call("CreateModel", ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}
    engine.call(
        "CreateTransformJob",
        TransformJobName="job",
        ModelName="model",
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": "s3://bucket/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    view = engine.call("DescribeTransformJob", TransformJobName="job")
    assert view["TransformJobStatus"] == "Completed"
    assert view["TransformEndTime"] >= view["TransformStartTime"]
    assert engine.tags(view["TransformJobArn"]) == {"sagecraft:execute": "instant"}


def test_a_tuning_job_has_no_training_job_and_no_best_one(engine: InstantEngine) -> None:
    ranges = {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}]}
    engine.call(
        "CreateHyperParameterTuningJob",
        HyperParameterTuningJobName="job",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": ranges,
        },
        TrainingJobDefinition={
            **TRAINING,
            "AlgorithmSpecification": {
                **TRAINING["AlgorithmSpecification"],
                "MetricDefinitions": [{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
            },
        },
    )
    view = engine.call("DescribeHyperParameterTuningJob", HyperParameterTuningJobName="job")
    assert view["HyperParameterTuningJobStatus"] == "Completed"
    assert "BestTrainingJob" not in view
    assert view["TrainingJobStatusCounters"]["Completed"] == 0
    assert engine.call("ListTrainingJobs")["TrainingJobSummaries"] == []
    assert engine.tags(view["HyperParameterTuningJobArn"]) == {"sagecraft:execute": "instant"}


def test_an_endpoint_is_in_service_and_refuses_to_be_invoked(engine: InstantEngine) -> None:
    engine.call("CreateModel", ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    engine.make_endpoint_config("one")
    engine.make_endpoint_config("two", weight=3.0)
    engine.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="one")
    view = engine.call("DescribeEndpoint", EndpointName="endpoint")
    variant = {"VariantName": "All", "CurrentWeight": 1.0, "DesiredWeight": 1.0}
    counts = {"CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
    assert (view["EndpointStatus"], view["ProductionVariants"]) == ("InService", [{**variant, **counts}])
    assert engine.tags(view["EndpointArn"]) == {"sagecraft:execute": "instant"}

    answer = asyncio.run(engine.invoke(CALLER, "endpoint", {}, b"1,2"))
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    assert json.loads(answer.body)["Message"] == (
        "Endpoint endpoint of account 000000000000 cannot be invoked: this emulator's execute is 'instant', so no "
        "model runs behind it. Start the emulator with execute 'real'."
    )

    engine.call("UpdateEndpoint", EndpointName="endpoint", EndpointConfigName="two")
    view = engine.call("DescribeEndpoint", EndpointName="endpoint")
    assert (view["EndpointConfigName"], view["ProductionVariants"][0]["CurrentWeight"]) == ("two", 3.0)
    weights = [{"VariantName": "All", "DesiredWeight": 5.0}]
    engine.call("UpdateEndpointWeightsAndCapacities", EndpointName="endpoint", DesiredWeightsAndCapacities=weights)
    view = engine.call("DescribeEndpoint", EndpointName="endpoint")
    assert (view["EndpointStatus"], view["ProductionVariants"][0]["CurrentWeight"]) == ("InService", 5.0)
    engine.call("DeleteEndpoint", EndpointName="endpoint")
    with pytest.raises(ApiError, match="Could not find endpoint"):
        engine.call("DescribeEndpoint", EndpointName="endpoint")


def test_events_tell_of_the_job_as_ever(tmp_path: Path) -> None:
    engine = InstantEngine(tmp_path)
    engine.call("CreateTrainingJob", TrainingJobName="job", **TRAINING)
    engine.stop()  # returns when all events are sent
    engine.close()
    assert [event.detail["TrainingJobStatus"] for event in engine.events] == ["InProgress", "Completed"]


def test_a_setting_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^execute must be 'real' or 'instant', got 'fast'$"):
        EmulatorSettings(tmp_path, execute="fast")  # type: ignore[arg-type]  # that is the point
