"""Custom resources, which LocalStack's open core leaves out: CloudFormation calls a function, and the function answers.

Source: "Custom resource reference" in the user guide of AWS CloudFormation.
"""

import json
import threading
import uuid
from concurrent.futures import Future
from typing import Any, Final

from botocore.config import Config
from localstack.aws.connect import connect_to
from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from . import engine
from .resource_providers import GIVEN, ID, failed

RESPONSES: Final = "/_sagecraft/responses/"
DEFAULT_TIMEOUT_SECONDS: Final = 3600
_FUNCTION_SECONDS: Final = 910
"""The longest that a function runs, and a little more."""

_waiting: Final[dict[str, Future[dict[str, Any]]]] = {}


class CustomResourceFailed(Exception):
    """What the stack event says."""


def respond(token: str, body: bytes) -> bool:
    """Takes what a function has put to its `ResponseURL`; returns whether anyone waited for it."""
    waiting = _waiting.get(token)
    if waiting is None or waiting.done():
        return False
    try:
        waiting.set_result(json.loads(body))
    except ValueError as error:
        waiting.set_exception(CustomResourceFailed(f"The function's response is not JSON: {error}"))
    return True


class CustomResourceProvider(ResourceProvider):  # type: ignore[misc]  # LocalStack is in environments of its own
    """Calls the function that a custom resource names, and waits for its answer."""

    SCHEMA: Final = {"primaryIdentifier": [f"/properties/{ID}"]}

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Calls the function with `Create`."""
        return self._do(request, "Create", request.desired_state)

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Calls the function with `Update`, and with `Delete` for what is replaced by another physical id."""
        old, physical_id = request.previous_state[GIVEN], request.previous_state[ID]
        extra = {"PhysicalResourceId": physical_id, "OldResourceProperties": plain(old)}
        changed = self._do(request, "Update", request.desired_state, extra)
        if changed.status is OperationStatus.SUCCESS and changed.resource_model[ID] != physical_id:
            removed = self._do(request, "Delete", old, {"PhysicalResourceId": physical_id})
            if removed.status is not OperationStatus.SUCCESS:
                return removed
        return changed

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        """Calls the function with `Delete`."""
        state = request.previous_state or {}
        if ID not in state:
            return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})
        return self._do(request, "Delete", state[GIVEN], {"PhysicalResourceId": state[ID]})

    def _do(
        self, request: ResourceRequest, kind: str, properties: dict[str, Any], extra: dict[str, Any] | None = None
    ) -> ProgressEvent:
        token = str(uuid.uuid4())
        _waiting[token] = Future()
        event = {
            "RequestType": kind,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": f"{engine.endpoint_url()}{RESPONSES}{token}",
            "StackId": request.stack_id,
            "RequestId": token,
            "LogicalResourceId": request.logical_resource_id,
            "ResourceType": request.resource_type,
            "ResourceProperties": plain(properties),
            **(extra or {}),
        }
        try:
            answer = _ask(token, event, request.account_id)
        except CustomResourceFailed as error:
            return failed(error)
        finally:
            del _waiting[token]
        physical_id = answer.get("PhysicalResourceId")
        if not isinstance(physical_id, str):
            return failed("Invalid PhysicalResourceId")
        data = answer.get("Data") or {}
        model = {**nested(data), ID: physical_id, GIVEN: properties}
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


class CustomResource(CloudFormationResourceProviderPlugin):  # type: ignore[misc]  # as above
    """The plug-in of `AWS::CloudFormation::CustomResource`, which serves every `Custom::…`."""

    name = "AWS::CloudFormation::CustomResource"

    def load(self, *_args: object, **_options: object) -> None:
        """Is asked by LocalStack before the first use."""

    def factory(self) -> CustomResourceProvider:
        """Makes the provider."""
        return CustomResourceProvider()


def plain(value: Any) -> Any:
    """Properties as CloudFormation hands them to a function: every scalar is a string, and nothing is null."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items() if each is not None}
        case list():
            return [plain(each) for each in value if each is not None]
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def nested(data: dict[str, Any]) -> dict[str, Any]:
    """Attributes as LocalStack looks them up: a dot in a name leads into an object, and scalars are strings."""
    tree: dict[str, Any] = {}
    for name, value in data.items():
        *parents, last = name.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = plain(value)
    return tree


def _ask(token: str, event: dict[str, Any], account: str) -> dict[str, Any]:
    """The function's answer.

    Raises:
        CustomResourceFailed: It says so, it fails, or it does not answer in time.
    """
    function = event["ServiceToken"]
    region = function.split(":")[3] if function.startswith("arn:") else ""
    if f":lambda:{region}:" not in function:
        raise CustomResourceFailed(
            f"The ServiceToken '{function}' is no Lambda function. This host of custom resources calls functions alone."
        )
    calling = threading.Thread(
        target=_call, args=(token, function, account, region, json.dumps(event)), name="custom-resource", daemon=True
    )
    calling.start()
    seconds = float(event["ResourceProperties"].get("ServiceTimeout", DEFAULT_TIMEOUT_SECONDS))
    try:
        answer = _waiting[token].result(seconds)
    except TimeoutError:
        raise CustomResourceFailed(
            f"CloudFormation did not receive a response from your Custom Resource within {seconds:.0f} s. "
            f"Please check your logs for requestId [{token}]."
        ) from None
    if answer.get("Status") != "SUCCESS":
        status, reason = answer.get("Status"), answer.get("Reason", "the function gave no reason")
        raise CustomResourceFailed(
            f"Received response status [{status}] from custom resource. Message returned: {reason}"
        )
    return answer


def _call(token: str, function: str, account: str, region: str, payload: str) -> None:
    """Calls the function. One that fails before it has answered fails its resource at once."""
    waiting = _waiting[token]
    try:
        config = Config(read_timeout=_FUNCTION_SECONDS, retries={"total_max_attempts": 1})
        client = connect_to(aws_access_key_id=account, region_name=region, config=config).lambda_
        done = client.invoke(FunctionName=function, Payload=payload)
        problem = done["Payload"].read().decode() if "FunctionError" in done else None
    except Exception as error:
        problem = str(error)
    if problem is not None and not waiting.done():
        waiting.set_exception(CustomResourceFailed(f"The function {function} failed: {problem}"))
