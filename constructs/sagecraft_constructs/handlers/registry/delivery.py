"""Moves an endpoint to the version of a model that was approved, and tells how it went.

EventBridge calls it with two kinds of events: a version of the group was approved, and the endpoint's status changed.
The first begins the move: another model and another configuration, which is the live one with that model, and
`UpdateEndpoint`. SageMaker brings up the new instances beside the present ones; where they do not answer it goes back
by itself. The second event is what verifies: the endpoint is in service with the configuration that was asked for, or
it is not, and then what was made for it is deleted. No function waits meanwhile, however long an endpoint takes.

What is under way stands in the tags of the endpoint, so that nothing is lost between two events. An approval while the
endpoint is in the middle of an update waits for its end; of several the last one counts.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError

from .. import clients

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

Event = Mapping[str, Any]
PACKAGE_TAG: Final = "sagecraft:delivered-package"
STATE_TAG: Final = "sagecraft:delivery"
WAITING: Final = "Waiting"
"""The endpoint is in the middle of another update; the move begins after that."""
MOVING: Final = "Moving"
MOVED: Final = "Moved"
FAILED: Final = "Failed"
_APPROVALS: Final = "SageMaker Model Package State Change"
_HASH_LENGTH: Final = 10
_LONGEST_SUBJECT: Final = 100
_BUSY: Final = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})


def handle(event: Event, _context: object) -> dict[str, str]:
    """Takes one event; answers what has come of it."""
    detail = event["detail"]
    if event["detail-type"] != _APPROVALS:
        return {"delivery": _went_on(detail)}
    changed = detail.get("UpdatedModelPackageFields")
    # Whoever stamps an approved version with a remark changes it, and approves nothing.
    if detail.get("ModelApprovalStatus") != "Approved" or (changed and "ModelApprovalStatus" not in changed):
        return {"delivery": "nothing was approved"}
    return {"delivery": _deliver(detail["ModelPackageArn"])}


def _deliver(package: str) -> str:
    """Begins to move the endpoint to a version, or has it wait."""
    endpoint = _endpoint()
    if endpoint["EndpointStatus"] in _BUSY:
        return _note(endpoint, package, WAITING)
    _note(endpoint, package, MOVING)
    live = endpoint["EndpointConfigName"]
    try:
        if live == _name(package, endpoint):
            return _ended(endpoint, package, MOVED, f"It serves {package} already.")
        _update(package, endpoint)
    except ClientError as error:
        if "in-progress" in str(error):  # another update began in this moment
            return _note(endpoint, package, WAITING)
        _clean_up(_name(package, endpoint))
        return _ended(endpoint, package, FAILED, f"SageMaker refused to deploy {package}: {error}")
    return MOVING


def _went_on(detail: Mapping[str, Any]) -> str:
    """Looks at what has become of the move that is under way, if one is."""
    endpoint = _endpoint()
    tags = _tags(endpoint["EndpointArn"])
    package, state = tags.get(PACKAGE_TAG), tags.get(STATE_TAG)
    if package is None or state not in {WAITING, MOVING} or endpoint["EndpointStatus"] in _BUSY:
        return "nothing is under way"
    if state == WAITING and endpoint["EndpointStatus"] == "InService":
        return _deliver(package)
    name = _name(package, endpoint)
    if endpoint["EndpointStatus"] == "InService" and endpoint["EndpointConfigName"] == name:
        return _ended(endpoint, package, MOVED, f"It serves {package} with the configuration {name}.")
    reason = endpoint.get("FailureReason") or detail.get("FailureReason") or "SageMaker gave no reason."
    if endpoint["EndpointStatus"] != "InService":
        return _ended(endpoint, package, FAILED, f"It is {endpoint['EndpointStatus']} after {package}: {reason}")
    _clean_up(name)
    kept = endpoint["EndpointConfigName"]
    return _ended(
        endpoint, package, FAILED, f"{package} did not get ready, and the configuration {kept} serves again: {reason}"
    )


def _update(package: str, endpoint: Mapping[str, Any]) -> None:
    """Makes a model of a version and a configuration of the live one with it, and asks for that.

    The names are made of what is asked for, so that an event that comes twice finds what it made before.
    """
    client = clients.sagemaker()
    name = _name(package, endpoint)
    live = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    [variant, *others] = live["ProductionVariants"]
    if others:
        raise _refused(f"it has {1 + len(others)} variants, and only the model of a single one can be replaced")
    if "ModelName" not in variant:
        raise _refused("its variant has inference components in the place of a model")
    model: dict[str, Any] = {**client.describe_model(ModelName=variant["ModelName"])}
    request = {
        **_kept("CreateModel", model, without=("Containers", "PrimaryContainer")),
        "ModelName": name,
        "PrimaryContainer": {"ModelPackageName": package},
    }
    _unless_there("create_model", request)
    config = {
        **_kept("CreateEndpointConfig", {**live}),
        "EndpointConfigName": name,
        "ProductionVariants": [{**variant, "ModelName": name}],
    }
    _unless_there("create_endpoint_config", config)
    client.update_endpoint(EndpointName=endpoint["EndpointName"], EndpointConfigName=name)


def _refused(why: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": "ValidationException", "Message": f"The endpoint is not moved: {why}."}}, "Deliver"
    )


def _kept(operation: str, described: Mapping[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a Create operation takes of what a Describe operation has answered."""
    shape: Any = clients.sagemaker().meta.service_model.operation_model(operation).input_shape
    return {
        name: value
        for name, value in described.items()
        if name in shape.members and name not in without and value != []
    }


def _unless_there(method: str, request: Mapping[str, Any]) -> None:
    try:
        getattr(clients.sagemaker(), method)(**request)
    except ClientError as error:
        if "already exist" not in str(error):
            raise


def _clean_up(name: str) -> None:
    """Deletes what was made for a version that is not served."""
    clients.unless_gone("delete_endpoint_config", EndpointConfigName=name)
    clients.unless_gone("delete_model", ModelName=name)


def _name(package: str, endpoint: Mapping[str, Any]) -> str:
    """The name of the model and the configuration that serve a version at an endpoint."""
    digest = hashlib.sha256(f"{package} {endpoint['EndpointArn']}".encode()).hexdigest()[:_HASH_LENGTH]
    return f"{os.environ['NAME_PREFIX']}-{package.rpartition('/')[2]}-{digest}"


def _endpoint() -> dict[str, Any]:
    return {**clients.sagemaker().describe_endpoint(EndpointName=os.environ["ENDPOINT_NAME"])}


def _tags(arn: str) -> dict[str, str]:
    pages = clients.sagemaker().get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _note(endpoint: Mapping[str, Any], package: str, state: str) -> str:
    tags = [{"Key": PACKAGE_TAG, "Value": package}, {"Key": STATE_TAG, "Value": state}]
    clients.sagemaker().add_tags(ResourceArn=endpoint["EndpointArn"], Tags=tags)  # type: ignore[arg-type]
    return state


def _ended(endpoint: Mapping[str, Any], package: str, state: str, told: str) -> str:
    """Takes note of the end of a move, and tells of it."""
    name = endpoint["EndpointName"]
    message = {"endpoint": name, "modelPackageArn": package, "outcome": state, "message": told}
    _sns().publish(
        TopicArn=os.environ["TOPIC_ARN"],
        Subject=f"Endpoint {name}: {'a new version serves' if state == MOVED else 'the new version does not serve'}"[
            :_LONGEST_SUBJECT
        ],
        Message=json.dumps(message, indent=2),
    )
    return _note(endpoint, package, state)


@cache
def _sns() -> "SNSClient":
    return boto3.client("sns")
