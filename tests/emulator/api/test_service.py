"""What holds for every operation: the protocol, tags, and what is not done."""

import logging

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.api.service_model import service_model

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/model"


def test_an_operation_that_is_not_done_is_named_and_nothing_is_made_up(control_plane: ControlPlane) -> None:
    with pytest.raises(ClientError) as raised:
        control_plane.client.list_labeling_jobs()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert raised.value.response["Error"]["Code"] == "NotImplemented"
    message = raised.value.response["Error"]["Message"]
    told, _, done = message.partition(" It does: ")
    assert told == "The operation 'ListLabelingJobs' is not done by this emulator."
    assert done.startswith("AddAssociation, AddTags, ")


def test_every_operation_that_is_done_is_one_of_sagemaker(control_plane: ControlPlane) -> None:
    done = set(control_plane.service._operations)
    assert done <= set(service_model().operation_names)
    assert {"CreateTrainingJob", "UpdateEndpoint", "ListTags"} <= done


def test_an_operation_that_there_is_not_and_a_body_that_is_not_json_are_told(control_plane: ControlPlane) -> None:
    assert control_plane.post("CreateModels", {})["__type"] == "UnknownOperationException"
    answer = control_plane.service.handle({"x-amz-target": "SageMaker.ListModels"}, b"{", control_plane.caller)
    assert answer.status == 400
    assert b"SerializationException" in answer.body
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    answer = control_plane.service.handle({"x-amz-target": "SageMaker.ListModels"}, b"[]", control_plane.caller)
    assert b"The body must be a JSON object, got: []" in answer.body
    deep = b"[" * 200_000
    answer = control_plane.service.handle({"x-amz-target": "SageMaker.ListModels"}, deep, control_plane.caller)
    assert answer.status == 400
    assert b"The body is nested too deeply to be read." in answer.body


def test_a_fault_of_the_emulator_is_its_own_and_logged(
    control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setitem(control_plane.service._operations, "ListModels", fail)
    with caplog.at_level(logging.ERROR):
        answer = control_plane.service.handle({"x-amz-target": "SageMaker.ListModels"}, b"{}", control_plane.caller)
    assert answer.status == 500
    assert b"InternalFailure" in answer.body
    assert b"a fault" not in answer.body
    assert answer.headers["x-amzn-RequestId"] in caplog.text


def test_tags_are_added_listed_and_deleted(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_model(
        ModelName="model",
        PrimaryContainer={"Image": IMAGE},
        ExecutionRoleArn=ROLE,
        Tags=[{"Key": "a", "Value": "1"}],
    )
    added = client.add_tags(ResourceArn=ARN, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    assert added["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    client.delete_tags(ResourceArn=ARN, TagKeys=["a"])
    assert client.list_tags(ResourceArn=ARN)["Tags"] == [{"Key": "b", "Value": ""}]
    assert "Tags" not in client.describe_model(ModelName="model")


def test_a_resource_has_at_most_fifty_tags(control_plane: ControlPlane) -> None:
    control_plane.make_model()
    tags = [{"Key": f"key-{number:02}", "Value": "v"} for number in range(50)]
    control_plane.call("AddTags", ResourceArn=ARN, Tags=tags)
    with pytest.raises(ClientError, match=f"A resource has at most 50 tags; '{ARN}' would have 51"):
        control_plane.client.add_tags(ResourceArn=ARN, Tags=[{"Key": "more", "Value": "v"}])
    assert len(control_plane.client.list_tags(ResourceArn=ARN)["Tags"]) == 50


def test_tags_of_what_there_is_not_are_refused(control_plane: ControlPlane) -> None:
    with pytest.raises(ClientError, match=f"Could not find resource '{ARN}'"):
        control_plane.client.list_tags(ResourceArn=ARN)


@pytest.mark.parametrize(("account", "region"), [("111111111111", REGION), (ACCOUNT, "eu-west-1")])
def test_tags_belong_to_their_account_and_region(control_plane: ControlPlane, account: str, region: str) -> None:
    control_plane.make_model()
    control_plane.client.add_tags(ResourceArn=ARN, Tags=[{"Key": "a", "Value": "1"}])
    other = control_plane.client_of(account, region)
    for operation, members in (
        ("list_tags", {}),
        ("add_tags", {"Tags": [{"Key": "a", "Value": "2"}]}),
        ("delete_tags", {"TagKeys": ["a"]}),
    ):
        with pytest.raises(ClientError, match=f"Could not find resource '{ARN}'"):
            getattr(other, operation)(ResourceArn=ARN, **members)
    assert control_plane.client.list_tags(ResourceArn=ARN)["Tags"] == [{"Key": "a", "Value": "1"}]
