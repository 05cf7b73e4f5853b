"""Models, endpoint configurations and endpoints as boto3 sees them."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.errors import InvalidTransition
from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


def variant(**members: Any) -> dict[str, Any]:
    default = {"VariantName": "a", "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    return {name: value for name, value in {**default, **members}.items() if value is not None}


@pytest.fixture
def endpoint(control_plane: ControlPlane) -> str:
    """An endpoint in service with the configuration `first`; there is a `second`, too."""
    control_plane.make_model()
    control_plane.make_config("first", "model")
    control_plane.make_config("second", "model", weight=2.0)
    control_plane.client.create_endpoint(EndpointName="endpoint", EndpointConfigName="first")
    return "endpoint"


def test_a_model_is_described_as_it_was_made_and_deleted(control_plane: ControlPlane) -> None:
    client = control_plane.client
    container = {"Image": IMAGE, "Environment": {"A": "b"}, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    made = client.create_model(ModelName="model", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    assert made["ModelArn"] == f"{PREFIX}:model/model"
    model = client.describe_model(ModelName="model")
    assert model["PrimaryContainer"] == container
    assert model["ExecutionRoleArn"] == ROLE
    assert "VpcConfig" not in model
    assert "Containers" not in model
    with pytest.raises(ClientError, match=f'Cannot create already existing model "{PREFIX}:model/model".'):
        client.create_model(ModelName="model", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    client.delete_model(ModelName="model")
    for operation in (client.describe_model, client.delete_model):
        with pytest.raises(ClientError, match=f'Could not find model "{PREFIX}:model/model".'):
            operation(ModelName="model")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "Exactly one of PrimaryContainer and Containers must be given."),
        ({"Containers": [{"Image": IMAGE}, {"Image": IMAGE}]}, "Containers has 2 containers"),
        ({"PrimaryContainer": {}}, "The container must name its Image"),
        (
            {"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel"}},
            "Mode 'MultiModel' is not supported by this emulator",
        ),
    ],
)
def test_a_model_that_cannot_be_hosted_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        control_plane.client.create_model(ModelName="model", ExecutionRoleArn=ROLE, **members)
    assert control_plane.client.list_models()["Models"] == []


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([variant(ModelName="none")], f'Could not find model "{PREFIX}:model/none".'),
        ([variant(), variant()], "Production variants must have different names, got: a, a."),
        ([variant(InitialVariantWeight=0)], "must have an InitialVariantWeight above 0"),
        ([variant(InstanceType=None)], "Variant 'a' must name its ModelName and InstanceType."),
        (
            [variant(InstanceType=None, ServerlessConfig={"MemorySizeInMB": 1024, "MaxConcurrency": 1})],
            "ServerlessConfig of variant 'a' is not supported by this emulator; leave it out.",
        ),
        ([variant(InstanceType="ml.m5.lage")], "Value 'ml.m5.lage' at 'productionVariants.1.member.instanceType'"),
    ],
)
def test_an_endpoint_configuration_that_cannot_be_hosted_is_refused(
    control_plane: ControlPlane, variants: list[Any], message: str
) -> None:
    control_plane.make_model()
    with pytest.raises(ClientError) as raised:
        control_plane.client.create_endpoint_config(EndpointConfigName="config", ProductionVariants=variants)
    assert message in str(raised.value)


def test_an_endpoint_is_creating_then_in_service(control_plane: ControlPlane) -> None:
    client = control_plane.client
    control_plane.endpoints.waits = True
    control_plane.make_model()
    control_plane.make_config("first", "model")
    made = client.create_endpoint(EndpointName="endpoint", EndpointConfigName="first")
    assert made["EndpointArn"] == f"{PREFIX}:endpoint/endpoint"
    creating = client.describe_endpoint(EndpointName="endpoint")
    assert (creating["EndpointStatus"], creating["EndpointConfigName"]) == ("Creating", "first")
    assert "ProductionVariants" not in creating
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint"):
        client.update_endpoint(EndpointName="endpoint", EndpointConfigName="first")
    control_plane.endpoints.finish("endpoint")
    endpoint = client.describe_endpoint(EndpointName="endpoint")
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert [each["EndpointName"] for each in client.list_endpoints(StatusEquals="InService")["Endpoints"]] == [
        "endpoint"
    ]
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        client.create_endpoint(EndpointName="endpoint", EndpointConfigName="first")


def test_an_endpoint_that_does_not_come_up_is_failed_with_the_reason(control_plane: ControlPlane) -> None:
    control_plane.endpoints.failure_reason = "The container died."
    control_plane.make_model()
    control_plane.make_config("first", "model")
    control_plane.client.create_endpoint(EndpointName="endpoint", EndpointConfigName="first")
    described = control_plane.client.describe_endpoint(EndpointName="endpoint")
    assert (described["EndpointStatus"], described["FailureReason"]) == ("Failed", "The container died.")
    control_plane.client.delete_endpoint(EndpointName="endpoint")


@pytest.mark.parametrize("operation", ["describe_endpoint", "delete_endpoint"])
def test_an_endpoint_that_there_is_not_is_named(control_plane: ControlPlane, operation: str) -> None:
    with pytest.raises(ClientError, match=f'Could not find endpoint "{PREFIX}:endpoint/none".'):
        getattr(control_plane.client, operation)(EndpointName="none")


def test_endpoints_differ_in_more_than_upper_and_lower_case(control_plane: ControlPlane, endpoint: str) -> None:
    """Source: `EndpointName` of CreateEndpoint in the API reference."""
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        control_plane.client.create_endpoint(EndpointName=endpoint.upper(), EndpointConfigName="first")


def test_an_endpoint_needs_its_configuration(control_plane: ControlPlane) -> None:
    with pytest.raises(ClientError, match=f'Could not find endpoint configuration "{PREFIX}:endpoint-config/none".'):
        control_plane.client.create_endpoint(EndpointName="endpoint", EndpointConfigName="none")
    assert control_plane.client.list_endpoints()["Endpoints"] == []


def test_an_update_moves_an_endpoint_to_another_configuration(control_plane: ControlPlane, endpoint: str) -> None:
    client = control_plane.client
    control_plane.endpoints.waits = True
    client.update_endpoint(EndpointName=endpoint, EndpointConfigName="second")
    updating = client.describe_endpoint(EndpointName=endpoint)
    assert (updating["EndpointStatus"], updating["EndpointConfigName"]) == ("Updating", "first")
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint"):
        client.update_endpoint(EndpointName=endpoint, EndpointConfigName="second")
    control_plane.endpoints.finish(endpoint)
    updated = client.describe_endpoint(EndpointName=endpoint)
    assert (updated["EndpointStatus"], updated["EndpointConfigName"]) == ("InService", "second")
    assert updated["ProductionVariants"][0]["CurrentWeight"] == 2.0


@pytest.mark.parametrize(
    "members",
    [
        {"RetainAllVariantProperties": True},
        {
            "DeploymentConfig": {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
                }
            }
        },
    ],
)
def test_what_an_update_cannot_do_here_is_refused(
    control_plane: ControlPlane, endpoint: str, members: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=f"{next(iter(members))} is not supported by this emulator"):
        control_plane.client.update_endpoint(EndpointName=endpoint, EndpointConfigName="second", **members)
    assert control_plane.client.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"


def test_an_update_to_the_present_configuration_is_refused(control_plane: ControlPlane, endpoint: str) -> None:
    with pytest.raises(ClientError) as raised:
        control_plane.client.update_endpoint(EndpointName=endpoint, EndpointConfigName="first")
    assert raised.value.response["Error"]["Message"] == (
        f'Cannot update endpoint "{PREFIX}:endpoint/endpoint" to its present endpoint configuration "first".'
    )
    assert control_plane.client.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"


def test_weights_change_in_place_and_instance_counts_do_not(control_plane: ControlPlane, endpoint: str) -> None:
    client = control_plane.client

    def change(**desired: Any) -> None:
        client.update_endpoint_weights_and_capacities(
            EndpointName=endpoint, DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", **desired}]
        )

    change(DesiredWeight=3.0, DesiredInstanceCount=1)
    assert client.describe_endpoint(EndpointName=endpoint)["ProductionVariants"][0]["DesiredWeight"] == 3.0
    with pytest.raises(ClientError, match="DesiredInstanceCount of variant 'AllTraffic' cannot be changed in place"):
        change(DesiredInstanceCount=2)
    with pytest.raises(ClientError, match=r"The endpoint has no variant 'b'\. It has: AllTraffic\."):
        change(VariantName="b")


def test_a_deleted_endpoint_is_gone_and_its_configuration_stays(control_plane: ControlPlane, endpoint: str) -> None:
    control_plane.client.delete_endpoint(EndpointName=endpoint)
    assert control_plane.client.list_endpoints()["Endpoints"] == []
    assert len(control_plane.client.list_endpoint_configs()["EndpointConfigs"]) == 2


def test_an_endpoint_is_deleted_when_it_is_settled(control_plane: ControlPlane, endpoint: str) -> None:
    control_plane.endpoints.waits = True
    control_plane.client.update_endpoint(EndpointName=endpoint, EndpointConfigName="second")
    with pytest.raises(ClientError) as raised:
        control_plane.client.delete_endpoint(EndpointName=endpoint)
    assert raised.value.response["Error"]["Message"] == (
        f'Cannot update in-progress endpoint "{PREFIX}:endpoint/{endpoint}".'
    )
    control_plane.endpoints.finish(endpoint)
    control_plane.client.delete_endpoint(EndpointName=endpoint)


def test_weights_that_leave_no_traffic_are_refused(control_plane: ControlPlane, endpoint: str) -> None:
    desired = [{"VariantName": "AllTraffic", "DesiredWeight": 0.0}]
    with pytest.raises(ClientError, match="At least one production variant must have a DesiredWeight above 0"):
        control_plane.client.update_endpoint_weights_and_capacities(
            EndpointName=endpoint, DesiredWeightsAndCapacities=desired
        )


def test_weights_of_an_endpoint_that_has_not_come_back_are_refused(
    control_plane: ControlPlane, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_yet(key: RecordKey, weights: Mapping[str, float]) -> None:
        control_plane.store.update(key, status="SystemUpdating")
        raise InvalidTransition("it has not come back yet")

    monkeypatch.setattr(control_plane.endpoints, "set_weights", not_yet)
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint"):
        control_plane.client.update_endpoint_weights_and_capacities(
            EndpointName=endpoint, DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredWeight": 2.0}]
        )


def test_an_endpoint_is_deleted_once_also_when_it_changes_in_that_moment(
    control_plane: ControlPlane, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    monkeypatch.setattr(control_plane.endpoints, "delete", lambda key: deleted.append(key.name))
    own_update = control_plane.store.update

    def update(key: RecordKey, **changes: Any) -> Record:
        if changes["status"] == "Deleting" and control_plane.record("Endpoint", endpoint).status == "InService":
            own_update(key, status="Updating")
        return own_update(key, **changes)

    monkeypatch.setattr(control_plane.store, "update", update)
    for _ in range(2):
        control_plane.client.delete_endpoint(EndpointName=endpoint)
    assert control_plane.record("Endpoint", endpoint).status == "Deleting"
    assert deleted == [endpoint]
