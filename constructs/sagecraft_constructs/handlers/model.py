"""Makes a model of the best candidate of an AutoML job, as a custom resource of CloudFormation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from . import clients
from .error import JobError
from .name import job_name
from .request import typed_request

if TYPE_CHECKING:
    from botocore.model import StructureShape

Event = Mapping[str, Any]


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Makes the model of a new or changed definition, or deletes one.

    A changed definition has another name, so CloudFormation deletes the earlier model once nothing needs it.
    """
    if event["RequestType"] == "Delete":
        return _deleted(event["PhysicalResourceId"])
    properties = event["ResourceProperties"]
    name = job_name(properties["NamePrefix"], {**properties["Request"], **_candidate(properties)})
    arn = _arn(name)
    if arn is None:
        arn = _create(name, properties)
    elif event["RequestType"] == "Update":
        clients.change_tags(arn, clients.tags_of(event["OldResourceProperties"]), clients.tags_of(properties))
    return {"PhysicalResourceId": name, "Data": {"ModelName": name, "ModelArn": arn}}


def is_complete(_event: Event, _context: object) -> dict[str, Any]:
    """A model is there as soon as it was asked for."""
    return {"IsComplete": True}


def _candidate(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {each: properties[each] for each in ("AutoMLJobName", "InferenceResponseKeys")}


def _create(name: str, properties: Mapping[str, Any]) -> str:
    client = clients.sagemaker()
    job = client.describe_auto_ml_job_v2(AutoMLJobName=properties["AutoMLJobName"])
    best: Mapping[str, Any] = job.get("BestCandidate", {})
    containers = best.get("InferenceContainers")
    if not containers:
        raise JobError(f"AutoML job {properties['AutoMLJobName']} has no candidate that can be served.")
    request = {
        "ModelName": name,
        "Containers": _answering(containers, properties.get("InferenceResponseKeys", ())),
        **properties["Request"],
    }
    shape = client.meta.service_model.operation_model("CreateModel").input_shape
    return str(client.create_model(**typed_request(request, cast("StructureShape", shape)))["ModelArn"])


def _answering(containers: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """The containers, told what to answer, each as far as it can, and to read what the one before it then answers.

    Source: `validate_and_update_inference_response` in aws/sagemaker-python-sdk src/sagemaker/automl/automl.py

    Raises:
        JobError: A key that the last of them does not know.
    """
    told: list[dict[str, Any]] = []
    known: list[str] = []
    before: list[str] = []
    for container in containers:
        environment = dict(container.get("Environment", {}))
        known = [each for each in environment.get("SAGEMAKER_INFERENCE_SUPPORTED", "").split(",") if each]
        answered = [key for key in keys if key in known]
        if known and before:
            environment["SAGEMAKER_INFERENCE_INPUT"] = ",".join(before)
        if answered:
            environment["SAGEMAKER_INFERENCE_OUTPUT"] = ",".join(answered)
        before = answered
        told.append({**container, "Environment": environment})
    if unknown := [key for key in keys if key not in known]:
        raise JobError(
            f"The best candidate does not answer {', '.join(unknown)}; its inference_response_keys are "
            f"{', '.join(known) or 'not to be chosen'}."
        )
    return told


def _arn(name: str) -> str | None:
    try:
        return str(clients.sagemaker().describe_model(ModelName=name)["ModelArn"])
    except ClientError as error:
        if clients.is_unknown(error):
            return None
        raise


def _deleted(name: str) -> dict[str, Any]:
    try:
        clients.sagemaker().delete_model(ModelName=name)
    except ClientError as error:
        if not clients.is_unknown(error):
            raise
    return {"PhysicalResourceId": name}
