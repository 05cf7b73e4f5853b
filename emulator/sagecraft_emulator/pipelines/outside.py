"""Steps that are done outside of SageMaker: functions of Lambda, and whoever reads a queue of SQS.

Sources: the guides of the Lambda and the Callback step below
https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.state.store import Record

from .api import PipelineApi
from .definition.document import Step
from .definition.expression import as_text
from .definition.parameter import read_as
from .definition.step_type import OUTPUT_PARAMETERS


def invoke(api: PipelineApi, function_arn: str, arguments: Any) -> Mapping[str, Any]:
    """Runs a function; returns what it answers.

    Raises:
        JobFailed: It cannot be run, fails, or answers no JSON object.
    """
    try:
        answer = api.clients.functions(*api.caller).invoke(FunctionName=function_arn, Payload=json.dumps(arguments))
        payload: Any = json.loads(answer["Payload"].read() or b"null")
    except (ClientError, BotoCoreError) as error:
        raise JobFailed(f"ClientError: Failed to invoke lambda:InvokeFunction. Error Details: {error}") from error
    except ValueError as error:
        raise JobFailed(f"ClientError: the Lambda function {function_arn} answered no JSON: {error}") from error
    if answer.get("FunctionError"):
        told = payload.get("errorMessage", payload) if isinstance(payload, Mapping) else payload
        raise JobFailed(f"ClientError: the Lambda function {function_arn} failed: {told}")
    return payload if isinstance(payload, Mapping) else {}


def send(api: PipelineApi, queue_url: str, execution: Record, token: str, arguments: Any, *, stopping: bool) -> None:
    """Tells whoever reads a queue of a step that waits for an answer, or that is to stop.

    Raises:
        JobFailed: The queue takes no message.
    """
    message = {
        "token": token,
        "pipelineArn": execution.body["PipelineArn"],
        "pipelineExecutionArn": execution.arn,
        "status": "Stopping" if stopping else "Executing",
        "arguments": arguments,
    }
    try:
        api.clients.sqs(*api.caller).send_message(QueueUrl=queue_url, MessageBody=json.dumps(message))
    except (ClientError, BotoCoreError) as error:
        raise JobFailed(f"ClientError: Failed to invoke sqs:SendMessage. Error Details: {error}") from error


def outputs(step: Step, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the outputs that a step declares.

    Raises:
        JobFailed: One is missing, or of another type.
    """
    values = {}
    for each in step.members.get(OUTPUT_PARAMETERS, ()):
        name, kind = each["OutputName"], each["OutputType"]
        if name not in given:
            held = ", ".join(f"'{other}'" for other in given) or "nothing"
            raise JobFailed(f"ClientError: the output '{name}' of the step '{step.name}' was not given; it got {held}.")
        # AWS takes a number for a text: the function of its notebook `sm-pipelines_lambda_step.ipynb` returns one.
        is_number = kind == "String" and isinstance(given[name], bool | int | float)
        value = as_text(given[name]) if is_number else read_as(kind, given[name])
        if value is None:
            raise JobFailed(
                f"ClientError: the output '{name}' of the step '{step.name}' is of type {kind}, got {given[name]!r}."
            )
        values[name] = value
    return values


def told(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Outputs as a step's metadata has them."""
    return [{"Name": name, "Value": as_text(value)} for name, value in values.items()]
