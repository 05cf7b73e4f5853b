"""SageMaker's CloudFormation types: create, change in place or by another resource, delete."""

import threading
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import Provisioned, ResourceFailed, generated_name

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
MODEL = {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE}}
NOTEBOOK = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}

Properties = dict[str, Any]


def make(plane: ControlPlane, noun: str, properties: Properties, logical_id: str = "stack-Thing") -> Provisioned:
    return NOUNS.resource_types[f"AWS::SageMaker::{noun}"].create(plane.service, plane.caller, logical_id, properties)


def change(plane: ControlPlane, noun: str, made: Provisioned, old: Properties, new: Properties) -> Provisioned:
    kind = NOUNS.resource_types[f"AWS::SageMaker::{noun}"]
    return kind.update(plane.service, plane.caller, made.physical_id, "stack-Thing", old, new)


def remove(plane: ControlPlane, noun: str, physical_id: str) -> None:
    NOUNS.resource_types[f"AWS::SageMaker::{noun}"].delete(plane.service, plane.caller, physical_id)


def config(model: Provisioned, **members: Any) -> Properties:
    variant = {
        "VariantName": "a",
        "ModelName": model.attributes["ModelName"],
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
        **members,
    }
    return {"ProductionVariants": [variant]}


def test_an_unnamed_resource_gets_a_name_of_its_own_each_time(control_plane: ControlPlane) -> None:
    first, second = make(control_plane, "Model", MODEL), make(control_plane, "Model", MODEL)
    name = first.attributes["ModelName"]
    assert name.startswith("stack-Thing-")
    assert first.physical_id == first.attributes["ModelArn"] == f"{PREFIX}:model/{name}"
    assert second.physical_id != first.physical_id


def test_generated_names_are_names_of_every_kind() -> None:
    for logical_id in ("A", "a-very-long-stack-name-that-goes-on-and-on-and-on-and-on-LogicalId"):
        name = generated_name(logical_id)
        assert len(name) <= 63
        assert name.startswith(logical_id[:40])


def test_numbers_and_booleans_that_are_text_in_a_template_are_read(control_plane: ControlPlane) -> None:
    model = make(control_plane, "Model", {**MODEL, "EnableNetworkIsolation": "true"})
    assert control_plane.record("Model", model.attributes["ModelName"]).body["EnableNetworkIsolation"] is True
    made = make(control_plane, "EndpointConfig", config(model, InitialInstanceCount="2", InitialVariantWeight="0.5"))
    variants = control_plane.record("EndpointConfig", made.attributes["EndpointConfigName"]).body["ProductionVariants"]
    assert (variants[0]["InitialInstanceCount"], variants[0]["InitialVariantWeight"]) == (2, 0.5)


def test_a_property_that_there_is_not_is_refused_by_name(control_plane: ControlPlane) -> None:
    with pytest.raises(ResourceFailed, match=r"Model has no property 'PrimaryContainer\.Img'\. It has: .*Image"):
        make(control_plane, "Model", {"PrimaryContainer": {"Img": IMAGE}})
    assert control_plane.client.list_models()["Models"] == []


def test_a_changed_model_is_another_model_and_the_old_one_stays_until_it_is_deleted(
    control_plane: ControlPlane,
) -> None:
    old = make(control_plane, "Model", MODEL)
    new = change(control_plane, "Model", old, MODEL, {**MODEL, "PrimaryContainer": {"Image": f"{IMAGE}2"}})
    assert new.physical_id != old.physical_id
    assert len(control_plane.client.list_models()["Models"]) == 2
    remove(control_plane, "Model", old.physical_id)
    remove(control_plane, "Model", old.physical_id)
    assert [model["ModelArn"] for model in control_plane.client.list_models()["Models"]] == [new.physical_id]


def test_a_named_resource_cannot_be_replaced_under_its_name(control_plane: ControlPlane) -> None:
    named = {**MODEL, "ModelName": "mine"}
    made = make(control_plane, "Model", named)
    with pytest.raises(ResourceFailed, match="a change of PrimaryContainer needs another resource"):
        change(control_plane, "Model", made, named, {**named, "PrimaryContainer": {"Image": f"{IMAGE}2"}})
    renamed = change(control_plane, "Model", made, named, {**named, "ModelName": "other"})
    assert renamed.attributes["ModelName"] == "other"


def test_an_unchanged_resource_is_not_touched(control_plane: ControlPlane) -> None:
    made = make(control_plane, "Model", MODEL)
    before = control_plane.record("Model", made.attributes["ModelName"])
    assert change(control_plane, "Model", made, MODEL, dict(MODEL)) == made
    assert control_plane.record("Model", made.attributes["ModelName"]) == before


def test_tags_change_in_place(control_plane: ControlPlane) -> None:
    old = {**MODEL, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]}
    new = {**MODEL, "Tags": [{"Key": "b", "Value": "2"}]}
    made = make(control_plane, "Model", old)
    assert change(control_plane, "Model", made, old, new) == made
    assert control_plane.store.tags(made.physical_id) == {"b": "2"}


def endpoint_of(plane: ControlPlane) -> tuple[Provisioned, Properties, Properties]:
    """An endpoint in service, its properties, and properties with another configuration."""
    model = make(plane, "Model", MODEL)
    names = [
        make(plane, "EndpointConfig", config(model, InitialVariantWeight=weight)).attributes["EndpointConfigName"]
        for weight in (1, 2)
    ]
    first, second = ({"EndpointConfigName": name} for name in names)
    return make(plane, "Endpoint", first), first, second


def test_an_endpoint_moves_to_another_configuration_in_place(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    assert change(control_plane, "Endpoint", made, first, second) == made
    view = control_plane.client.describe_endpoint(EndpointName=made.attributes["EndpointName"])
    assert (view["EndpointStatus"], view["EndpointConfigName"]) == ("InService", second["EndpointConfigName"])
    remove(control_plane, "Endpoint", made.physical_id)
    remove(control_plane, "Endpoint", made.physical_id)


def test_an_endpoint_is_waited_for(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    control_plane.endpoints.waits = True
    name = made.attributes["EndpointName"]
    changing = threading.Thread(target=change, args=(control_plane, "Endpoint", made, first, second))
    changing.start()
    control_plane.wait("Endpoint", name, "Updating")
    changing.join(0.3)
    assert changing.is_alive()
    control_plane.endpoints.finish(name)
    changing.join(20)
    assert not changing.is_alive()


def test_an_endpoint_that_fails_fails_with_its_reason_and_is_removed(control_plane: ControlPlane) -> None:
    control_plane.endpoints.failure_reason = "The container died."
    with pytest.raises(ResourceFailed, match=r"not InService with '.*'\. The container died\."):
        endpoint_of(control_plane)
    assert control_plane.client.list_endpoints()["Endpoints"] == []


def test_an_update_that_fails_is_told_and_can_be_rolled_back(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    control_plane.endpoints.failure_reason = "The container died."
    with pytest.raises(ResourceFailed, match=r"The container died\."):
        change(control_plane, "Endpoint", made, first, second)
    assert change(control_plane, "Endpoint", made, second, first) == made


def test_what_the_api_refuses_is_the_reason(control_plane: ControlPlane) -> None:
    with pytest.raises(ApiError, match="Could not find endpoint configuration"):
        make(control_plane, "Endpoint", {"EndpointConfigName": "none"})


def test_a_notebook_instance_comes_into_service_changes_and_goes(control_plane: ControlPlane) -> None:
    script = [{"Content": "ZWNobw=="}]
    lifecycle = make(control_plane, "NotebookInstanceLifecycleConfig", {"OnStart": script})
    name = lifecycle.attributes["NotebookInstanceLifecycleConfigName"]
    old = {**NOTEBOOK, "LifecycleConfigName": name, "VolumeSizeInGB": "10"}
    made = make(control_plane, "NotebookInstance", old)
    notebook = control_plane.client.describe_notebook_instance(
        NotebookInstanceName=made.attributes["NotebookInstanceName"]
    )
    assert (notebook["NotebookInstanceStatus"], notebook["VolumeSizeInGB"]) == ("InService", 10)
    assert notebook["NotebookInstanceLifecycleConfigName"] == name

    new = {**NOTEBOOK, "InstanceType": "ml.t3.large", "VolumeSizeInGB": 10}
    assert change(control_plane, "NotebookInstance", made, old, new) == made
    notebook = control_plane.client.describe_notebook_instance(
        NotebookInstanceName=made.attributes["NotebookInstanceName"]
    )
    assert (notebook["NotebookInstanceStatus"], notebook["InstanceType"]) == ("InService", "ml.t3.large")
    assert "NotebookInstanceLifecycleConfigName" not in notebook

    remove(control_plane, "NotebookInstanceLifecycleConfig", lifecycle.physical_id)
    remove(control_plane, "NotebookInstance", made.physical_id)
    remove(control_plane, "NotebookInstance", made.physical_id)
    assert control_plane.client.list_notebook_instances()["NotebookInstances"] == []


def test_the_scripts_of_a_lifecycle_configuration_change_in_place(control_plane: ControlPlane) -> None:
    old, new = {"OnStart": [{"Content": "ZWNobw=="}]}, {"OnCreate": [{"Content": "bHM="}]}
    made = make(control_plane, "NotebookInstanceLifecycleConfig", old)
    assert change(control_plane, "NotebookInstanceLifecycleConfig", made, old, new) == made
    name = made.attributes["NotebookInstanceLifecycleConfigName"]
    body = control_plane.record("NotebookInstanceLifecycleConfig", name).body
    assert body["OnCreate"] == [{"Content": "bHM="}]
    assert "OnStart" not in body


def test_only_the_secret_of_a_code_repository_changes_in_place(control_plane: ControlPlane) -> None:
    git = {"RepositoryUrl": "https://example.com/a.git", "Branch": "main"}
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:AmazonSageMaker-1"
    old, new = {"GitConfig": git}, {"GitConfig": {**git, "SecretArn": secret}}
    made = make(control_plane, "CodeRepository", old)
    assert change(control_plane, "CodeRepository", made, old, new) == made
    moved = {"GitConfig": {**git, "Branch": "other"}}
    assert change(control_plane, "CodeRepository", made, new, moved) != made


@pytest.mark.parametrize("resource_type", NOUNS.resource_types)
def test_what_needs_another_resource_is_what_the_registry_says(resource_type: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
    create_only = {path.removeprefix("/properties/").replace("/", ".") for path in schema["createOnlyProperties"]}
    assert NOUNS.resource_types[resource_type].create_only == create_only
