"""SageMaker's CloudFormation types: create, change in place or by another resource, delete."""

import pytest
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import ResourceFailed, generated_name

from tests.emulator.control_plane import IMAGE, REGION, ControlPlane

from .stack_resource import MODEL, PREFIX, change, config, make, remove


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


def test_what_the_api_refuses_is_the_reason(control_plane: ControlPlane) -> None:
    with pytest.raises(ApiError, match="Could not find endpoint configuration"):
        make(control_plane, "Endpoint", {"EndpointConfigName": "none"})


@pytest.mark.parametrize("resource_type", NOUNS.resource_types)
def test_what_needs_another_resource_is_what_the_registry_says(resource_type: str) -> None:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
    create_only = {path.removeprefix("/properties/").replace("/", ".") for path in schema["createOnlyProperties"]}
    assert NOUNS.resource_types[resource_type].create_only == create_only
