"""The registry in CloudFormation."""

import json

import pytest
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import ResourceFailed

from tests.emulator.control_plane import ControlPlane
from tests.emulator.orchestration.stack_resource import PREFIX, change, make, remove

from .packages import OTHER, SPECIFICATION, shared_with

GROUP = {"ModelPackageGroupName": "group", "ModelPackageGroupDescription": "What was trained"}
VERSION = {"ModelPackageGroupName": "group", "InferenceSpecification": SPECIFICATION}


def test_a_group_is_made_with_its_policy_which_changes_in_place(control_plane: ControlPlane) -> None:
    policy = json.loads(shared_with(OTHER, "group", "sagemaker:DescribeModelPackage"))
    made = make(control_plane, "ModelPackageGroup", {**GROUP, "ModelPackageGroupPolicy": policy})
    assert made.physical_id == made.attributes["ModelPackageGroupArn"] == f"{PREFIX}:model-package-group/group"
    assert made.attributes["ModelPackageGroupStatus"] == "Completed"

    def present() -> object:
        return json.loads(
            control_plane.client.get_model_package_group_policy(ModelPackageGroupName="group")["ResourcePolicy"]
        )

    assert present() == policy
    other = json.loads(shared_with(OTHER, "group", "sagemaker:ListModelPackages"))
    changed = {**GROUP, "ModelPackageGroupPolicy": other}
    change(control_plane, "ModelPackageGroup", made, {**GROUP, "ModelPackageGroupPolicy": policy}, changed)
    assert present() == other
    change(control_plane, "ModelPackageGroup", made, changed, GROUP)
    with pytest.raises(control_plane.client.exceptions.ClientError, match="Cannot find resource policy"):
        present()
    with pytest.raises(ResourceFailed, match="a change of ModelPackageGroupDescription needs another resource"):
        change(control_plane, "ModelPackageGroup", made, GROUP, {"ModelPackageGroupName": "group"})
    remove(control_plane, "ModelPackageGroup", made.physical_id)


def test_a_group_whose_policy_is_refused_is_not_left_behind(control_plane: ControlPlane) -> None:
    with pytest.raises(ApiError, match="not a valid policy document"):
        make(control_plane, "ModelPackageGroup", {**GROUP, "ModelPackageGroupPolicy": "{"})
    assert control_plane.client.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_a_version_is_approved_in_place_and_replaced_by_another_artefact(control_plane: ControlPlane) -> None:
    make(control_plane, "ModelPackageGroup", GROUP)
    first = {**VERSION, "CustomerMetadataProperties": {"a": "1", "b": "2"}}
    made = make(control_plane, "ModelPackage", first)
    assert made.physical_id == made.attributes["ModelPackageArn"] == f"{PREFIX}:model-package/group/1"
    approved = {
        **VERSION,
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "Good",
        "CustomerMetadataProperties": {"b": "3"},
        "AdditionalInferenceSpecificationsToAdd": [{"Name": "small", "Containers": SPECIFICATION["Containers"]}],
    }
    assert change(control_plane, "ModelPackage", made, first, approved).physical_id == made.physical_id
    view = control_plane.client.describe_model_package(ModelPackageName=made.physical_id)
    assert (view["ModelApprovalStatus"], view["ApprovalDescription"]) == ("Approved", "Good")
    assert view["CustomerMetadataProperties"] == {"b": "3"}
    assert [each["Name"] for each in view["AdditionalInferenceSpecifications"]] == ["small"]
    container = {**SPECIFICATION["Containers"][0], "ModelDataUrl": "s3://bucket/second.tar.gz"}
    second = {**VERSION, "InferenceSpecification": {**SPECIFICATION, "Containers": [container]}}
    replaced = change(control_plane, "ModelPackage", made, approved, second)
    assert replaced.physical_id == f"{PREFIX}:model-package/group/2"
    remove(control_plane, "ModelPackage", made.physical_id)
    remove(control_plane, "ModelPackage", made.physical_id)


def test_a_version_is_known_again_by_its_resource(control_plane: ControlPlane) -> None:
    make(control_plane, "ModelPackageGroup", GROUP)
    make(control_plane, "ModelPackage", VERSION, "TheVersionOfTheModelThatWeMade1234ABCD")
    record = control_plane.record("ModelPackage", "group/1")
    kind = NOUNS.resource_types["AWS::SageMaker::ModelPackage"]
    assert kind.may_be(record, "TheVersionOfTheModelThatWeMade1234ABCD", VERSION)
    assert not kind.may_be(record, "Another1234", VERSION)
