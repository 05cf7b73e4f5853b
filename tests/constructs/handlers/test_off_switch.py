"""What an off switch does to jobs, apps and endpoints of kinds that a quick emulator does not have for long.

The whole of it, with its permissions, is in `tests/infra/money/test_off_switch.py`.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from sagecraft_constructs.handlers.off_switch import prices
from sagecraft_constructs.handlers.off_switch.client import client
from sagecraft_constructs.handlers.off_switch.function import handle

from .sagemaker_server import SageMakerServer, clients_of, serving

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
PUBLISHED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId>'
    "</PublishResult></PublishResponse>"
)
CONTEXT = SimpleNamespace(function_name="switch")


@dataclass
class SwitchedServer(SageMakerServer):
    """What carries the tags, by the ends of ARNs, and how it is described."""

    tagged: list[str] = field(default_factory=list)
    configs: dict[str, Any] = field(default_factory=dict)
    noted: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, str]] = field(default_factory=list)

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        match operation:
            case "GetResources":
                kinds = {each.partition(":")[2] for each in request["ResourceTypeFilters"]}
                found = [f"{ARN}:{each}" for each in self.tagged if each.partition("/")[0] in kinds]
                return 200, {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": []} for arn in found]}
            case "PutItem":
                self.noted[request["Item"]["Name"]["S"]] = request["Item"]
                return 200, {}
            case "Scan":
                return 200, {"Items": [*self.noted.values()]}
            case "ListApps":
                return 200, {"Apps": [each for name, each in self.jobs.items() if name.startswith("app/")]}
            case "DescribeApp":
                return 200, self.jobs[f"app/{request['AppName']}"]
            case "DescribeEndpointConfig":
                return 200, self.configs[request["EndpointConfigName"]]
            case "ListTags":
                return 200, {"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "Churn"}]}
            case "DeleteApp" | "DeleteEndpoint":
                self.calls.append((operation, request))
                return 200, {}
            case _:
                return super().answer(operation, request)

    def answer_ec2(self, request: dict[str, str]) -> tuple[int, str]:
        assert request["Action"] == "Publish"
        self.published.append(request)
        return 200, PUBLISHED


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SwitchedServer]:
    with serving(SwitchedServer()) as state, clients_of(state, monkeypatch):
        for name, value in {
            "AWS_REGION": "us-east-1",
            "SWITCH": "Churn/Switch",
            "TAGS": '{"team": "churn"}',
            "KINDS": "endpoint,notebook-instance,app,automl-job,hyper-parameter-tuning-job,training-job,"
            "processing-job,transform-job",
            "TABLE": "table",
            "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:topic",
            "IDLE_SECONDS": "3600",
            "MAX_RUNTIME_SECONDS": "3600",
        }.items():
            monkeypatch.setenv(name, value)
        known = {"us-east-1": {"training": {"ml.m5.large": "0.115"}, "studio": {"ml.t3.medium": "0.05"}}}
        monkeypatch.setattr(prices, "_prices", lambda: known)
        client.cache_clear()
        yield state
        client.cache_clear()


def job(kind: str, name: str, hours: float, status: str = "InProgress") -> dict[str, Any]:
    begun = time.time() - hours * 3600
    return {
        f"{kind}Name": name,
        f"{kind}Status": status,
        "CreationTime": begun,
        f"{kind.removesuffix('Job')}StartTime": begun,
    }


def test_jobs_that_take_too_long_are_stopped_and_the_others_go_on(server: SwitchedServer) -> None:
    on_machines = {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}}
    waiting = job("TrainingJob", "waiting", 2)
    del waiting["TrainingStartTime"]
    server.jobs = {
        "long": {**job("TrainingJob", "long", 2), **on_machines},
        "short": {**job("TrainingJob", "short", 0.5), **on_machines},
        "ended": {**job("TrainingJob", "ended", 9, "Completed"), **on_machines},
        "waiting": {**waiting, **on_machines},  # for capacity, which costs nothing
        "tuning": job("HyperParameterTuningJob", "tuning", 2),
        "prepared": job("ProcessingJob", "prepared", 2),
        "answers": job("TransformJob", "answers", 2),
    }
    kinds = {"tuning": "hyper-parameter-tuning-job", "prepared": "processing-job", "answers": "transform-job"}
    server.tagged = [f"{kinds.get(name, 'training-job')}/{name}" for name in server.jobs]
    answer = handle({"Switch": "Check"}, CONTEXT)
    stopped = [(name, request) for name, request in server.calls if name.startswith("Stop")]
    # What begins others is stopped first, so that it begins no more.
    assert stopped == [
        ("StopHyperParameterTuningJob", {"HyperParameterTuningJobName": "tuning"}),
        ("StopTrainingJob", {"TrainingJobName": "long"}),
        ("StopProcessingJob", {"ProcessingJobName": "prepared"}),
        ("StopTransformJob", {"TransformJobName": "answers"}),
    ]
    assert answer["Stopped"] == {
        "hyper parameter tuning job tuning (on what its jobs have)": None,
        "training job long (2 ml.m5.large)": "0.230",
        "processing job prepared (on what its jobs have)": None,
        "transform job answers (on what its jobs have)": None,
    }
    assert not server.noted
    (report,) = server.published
    assert report["Subject"] == "Churn/Switch: stopped 4, which saves at least $0.23 an hour"
    assert "- transform job answers (on what its jobs have): what it cost is not known" in report["Message"]
    assert "Bring back" not in report["Message"]


def test_a_schedule_that_stops_leaves_jobs_running(server: SwitchedServer) -> None:
    server.jobs = {"long": job("TrainingJob", "long", 2)}
    server.tagged = ["training-job/long"]
    assert handle({"Switch": "Off"}, CONTEXT)["Stopped"] == {}
    assert server.published == []


@pytest.mark.parametrize(("hours", "stopped"), [(2, ["app d-1/ann/jupyterlab/default (ml.t3.medium)"]), (0.5, [])])
def test_an_app_is_idle_by_its_users_last_activity(server: SwitchedServer, hours: float, stopped: list[str]) -> None:
    app = {"DomainId": "d-1", "UserProfileName": "Ann", "AppType": "JupyterLab", "AppName": "default"}
    server.jobs["app/default"] = {
        **app,
        "Status": "InService",
        "CreationTime": time.time() - 90_000,
        "LastUserActivityTimestamp": time.time() - hours * 3600,
        "ResourceSpec": {"InstanceType": "ml.t3.medium"},
    }
    server.tagged = ["app/d-1/ann/jupyterlab/default"]
    assert [*handle({"Switch": "Check"}, CONTEXT)["Stopped"]] == stopped  # type: ignore[misc]  # a dict
    assert server.called("DeleteApp") == ([app] if stopped else [])


def test_an_app_without_a_machine_of_its_own_is_free(server: SwitchedServer) -> None:
    app = {"DomainId": "d-1", "UserProfileName": "ann", "AppType": "JupyterServer", "AppName": "default"}
    spec = {"InstanceType": "system"}
    server.jobs["app/default"] = {**app, "Status": "InService", "CreationTime": 1.0, "ResourceSpec": spec}
    server.tagged = ["app/d-1/ann/jupyterserver/default"]
    assert handle({"Switch": "Off"}, CONTEXT)["Stopped"] == {}


@pytest.mark.parametrize(
    ("variant", "config", "left"),
    [
        ({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}, "ModelName": "m"}, {}, None),
        ({"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}, {}, "it holds inference components"),
        (
            {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "ModelName": "m"},
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}},
            "it may have requests in its queue",
        ),
    ],
)
def test_endpoints_that_are_free_or_would_not_come_back_whole_are_left(
    server: SwitchedServer, variant: dict[str, Any], config: dict[str, Any], left: str | None
) -> None:
    server.jobs["e"] = {
        "EndpointName": "e",
        "EndpointArn": f"{ARN}:endpoint/e",
        "EndpointConfigName": "c",
        "EndpointStatus": "InService",
        "CreationTime": 1.0,
        "LastModifiedTime": 1.0,
    }
    server.configs["c"] = {
        "EndpointConfigName": "c",
        "EndpointConfigArn": f"{ARN}:endpoint-config/c",
        "CreationTime": 1.0,
        "ProductionVariants": [{"VariantName": "a", **variant}],
        **config,
    }
    server.tagged = ["endpoint/e"]
    answer = handle({"Switch": "Off"}, CONTEXT)
    assert (answer["Stopped"], answer["Failed"]) == ({}, {})
    assert server.called("DeleteEndpoint") == []
    assert re.match(str(left), json.dumps(answer["Left"]).partition(": ")[2].strip('"')) or left is None


def test_what_cannot_be_stopped_is_told_and_the_rest_is_stopped(server: SwitchedServer) -> None:
    server.jobs = {"one": job("TrainingJob", "one", 2), "two": job("TrainingJob", "two", 2)}
    server.tagged = ["training-job/one", "training-job/two"]
    server.refusals["StopTrainingJob"] = [("AccessDeniedException", "not for you")]
    answer = handle({"Switch": "Check"}, CONTEXT)
    assert [*answer["Failed"]] == ["training job one (on what its jobs have)"]  # type: ignore[misc]  # a dict
    assert [*answer["Stopped"]] == ["training job two (on what its jobs have)"]  # type: ignore[misc]  # a dict
    assert "stopped 1, which saves at least $0.00 an hour, 1 failed" in server.published[0]["Subject"]


def test_an_event_that_says_nothing_it_knows_is_refused(server: SwitchedServer) -> None:
    with pytest.raises(ValueError, match="unknown event"):
        handle({"Switch": "Sideways"}, CONTEXT)
    assert server.calls == []
