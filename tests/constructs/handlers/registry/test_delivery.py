"""The function that moves an endpoint to what was approved."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sagecraft_constructs.handlers.registry import delivery
from sagecraft_constructs.hosting.continuous_delivery import LONGEST_PREFIX

from tests.emulator.control_plane import ControlPlane
from tests.emulator.registry.packages import package_of

from .control_plane import clients_of_plane


@dataclass
class Topic:
    """Keeps what is published."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, **request: str) -> None:
        assert request["TopicArn"] == "arn:topic"
        assert len(request["Subject"]) <= 100
        self.told.append(json.loads(request["Message"]))


@dataclass
class Delivered:
    """An endpoint that serves, a group, and the function's ends."""

    plane: ControlPlane
    topic: Topic

    def approve(self, changed: list[str] | None = None) -> tuple[str, str]:
        """Registers a version that is approved, and tells the function; its ARN, and what the function answered."""
        arn = package_of(self.plane.client, "group", ModelApprovalStatus="Approved")
        return arn, self.approved(arn, changed)

    def approved(self, arn: str, changed: list[str] | None = None) -> str:
        detail = {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved"}
        if changed is not None:
            detail["UpdatedModelPackageFields"] = changed  # type: ignore[assignment]  # as events are
        event = {"detail-type": "SageMaker Model Package State Change", "detail": detail}
        return delivery.handle(event, None)["delivery"]

    def settled(self) -> str:
        detail = {"EndpointName": "endpoint", "EndpointStatus": "IN_SERVICE"}
        event = {"detail-type": "SageMaker Endpoint State Change", "detail": detail}
        return delivery.handle(event, None)["delivery"]

    @property
    def live(self) -> str:
        name: str = self.plane.client.describe_endpoint(EndpointName="endpoint")["EndpointConfigName"]
        return name

    def names(self) -> list[str]:
        models = self.plane.client.list_models(NameContains="made-")["Models"]
        configs = self.plane.client.list_endpoint_configs(NameContains="made-")["EndpointConfigs"]
        named = sorted(each["ModelName"] for each in models)
        assert named == sorted(each["EndpointConfigName"] for each in configs)
        return named


@pytest.fixture
def delivered(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[Delivered]:
    client = control_plane.client
    client.create_model_package_group(ModelPackageGroupName="group")
    control_plane.make_model()
    control_plane.make_config("declared", "model", weight=2.0)
    client.create_endpoint(EndpointName="endpoint", EndpointConfigName="declared")
    topic = Topic()
    monkeypatch.setattr(delivery, "_sns", lambda: topic)
    for name, value in {"ENDPOINT_NAME": "endpoint", "NAME_PREFIX": "made", "TOPIC_ARN": "arn:topic"}.items():
        monkeypatch.setenv(name, value)
    with clients_of_plane(control_plane, monkeypatch):
        yield Delivered(control_plane, topic)


def test_the_endpoint_moves_to_the_version_with_all_else_as_it_was(delivered: Delivered) -> None:
    arn, answer = delivered.approve()
    assert (answer, delivered.topic.told) == ("Moving", [])
    assert delivered.live.startswith("made-1-")
    client = delivered.plane.client
    [variant] = client.describe_endpoint_config(EndpointConfigName=delivered.live)["ProductionVariants"]
    assert (variant["ModelName"], variant["InitialVariantWeight"], variant["InstanceType"]) == (
        delivered.live,
        2.0,
        "ml.m5.large",
    )
    model = client.describe_model(ModelName=delivered.live)
    assert model["PrimaryContainer"] == {"ModelPackageName": arn}
    assert model["ExecutionRoleArn"] == client.describe_model(ModelName="model")["ExecutionRoleArn"]
    assert delivered.settled() == "Moved"
    [told] = delivered.topic.told
    assert (told["outcome"], told["modelPackageArn"], told["endpoint"]) == ("Moved", arn, "endpoint")
    assert delivered.settled() == "nothing is under way"
    assert delivered.approved(arn) == "Moved"  # as after a second delivery of the event
    assert len(delivered.names()) == 1


def test_a_version_that_does_not_get_ready_is_taken_back(delivered: Delivered) -> None:
    delivered.plane.endpoints.failure_reason = "The container died."
    arn, answer = delivered.approve()
    assert (answer, delivered.live) == ("Moving", "declared")
    assert delivered.settled() == "Failed"
    [told] = delivered.topic.told
    assert (told["outcome"], told["modelPackageArn"]) == ("Failed", arn)
    assert "the configuration declared serves again: The container died." in told["message"]
    assert delivered.names() == []
    assert delivered.settled() == "nothing is under way"


def test_an_approval_during_an_update_waits_and_the_last_one_counts(delivered: Delivered) -> None:
    delivered.plane.endpoints.waits = True
    delivered.approve()
    _, answer = delivered.approve()
    third, again = delivered.approve()
    assert (answer, again) == ("Waiting", "Waiting")
    delivered.plane.endpoints.finish("endpoint")
    assert delivered.settled() == "Moving"
    delivered.plane.endpoints.finish("endpoint")
    assert delivered.settled() == "Moved"
    assert delivered.live.startswith("made-3-")
    assert [each["modelPackageArn"] for each in delivered.topic.told] == [third]


@pytest.mark.parametrize("changed", [["CustomerMetadataProperties"], ["ModelLifeCycle"]])
def test_a_remark_on_an_approved_version_moves_nothing(delivered: Delivered, changed: list[str]) -> None:
    assert delivered.approve(changed)[1] == "nothing was approved"
    assert (delivered.live, delivered.names()) == ("declared", [])


def test_a_version_that_somebody_has_taken_back_meanwhile_is_refused_and_told(delivered: Delivered) -> None:
    arn = package_of(delivered.plane.client, "group")
    assert delivered.approved(arn, ["ModelApprovalStatus"]) == "Failed"
    [told] = delivered.topic.told
    assert "because its ModelApprovalStatus is PendingManualApproval" in told["message"]
    assert (delivered.live, delivered.names()) == ("declared", [])


def test_an_endpoint_with_several_variants_is_left_alone_and_told(delivered: Delivered) -> None:
    client = delivered.plane.client
    variants = [
        {"VariantName": name, "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        for name in ("a", "b")
    ]
    client.create_endpoint_config(EndpointConfigName="two", ProductionVariants=variants)
    client.update_endpoint(EndpointName="endpoint", EndpointConfigName="two")
    assert delivered.approve()[1] == "Failed"
    assert "it has 2 variants" in delivered.topic.told[0]["message"]
    assert (delivered.live, delivered.names()) == ("two", [])


def test_names_are_as_long_as_sagemaker_takes_them() -> None:
    # The construct leaves this much for what its function adds.
    longest = f"{'p' * LONGEST_PREFIX}-{'9' * 9}-{'f' * 10}"
    assert len(longest) <= 63
