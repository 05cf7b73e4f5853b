"""Deletes the versions of a model package group, or what was made to deploy them, as CloudFormation deletes a stack.

Versions are made by CloudFormation, by pipelines and by people, and what deploys an approved one is made by the
function of a `ContinuousDelivery`; a stack knows neither. What is there stands in SageMaker alone, so each poll asks
again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from .. import clients

Event = Mapping[str, Any]


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Does nothing but to name the resource; what is there goes when it is deleted."""
    properties = event["ResourceProperties"]
    named = properties.get("ModelPackageGroupName") or properties["NamePrefix"]
    # Another group or prefix is another resource, and CloudFormation then deletes what was of the former.
    return {"PhysicalResourceId": f"{event['ResourceType']}/{named}"}


def is_complete(event: Event, _context: object) -> dict[str, Any]:
    """Deletes what is there, and says whether there was nothing left."""
    if event["RequestType"] != "Delete":
        return {"IsComplete": True}
    match event["ResourceType"]:
        case "Custom::SageMakerModelPackages":
            return {"IsComplete": _delete_versions(event["ResourceProperties"]["ModelPackageGroupName"])}
        case "Custom::SageMakerDelivered":
            return {"IsComplete": _delete_delivered(event["ResourceProperties"]["NamePrefix"])}
        case other:
            raise ValueError(f"unknown ResourceType '{other}'")


def _delete_versions(group: str) -> bool:
    client = clients.sagemaker()
    try:
        pages = client.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
        arns = [each["ModelPackageArn"] for page in pages for each in page["ModelPackageSummaryList"]]
    except ClientError as error:
        if clients.is_unknown(error):
            return True
        raise
    for arn in arns:
        clients.unless_gone("delete_model_package", ModelPackageName=arn)
    return not arns


def _delete_delivered(prefix: str) -> bool:
    """Deletes configurations before the models that they name."""
    configs, models = [*_named("EndpointConfig", prefix)], [*_named("Model", prefix)]
    for name in configs:
        clients.unless_gone("delete_endpoint_config", EndpointConfigName=name)
    for name in models:
        clients.unless_gone("delete_model", ModelName=name)
    return not configs and not models


def _named(noun: str, prefix: str) -> Iterator[str]:
    operation = {"EndpointConfig": "list_endpoint_configs", "Model": "list_models"}[noun]
    pages = clients.sagemaker().get_paginator(operation).paginate(NameContains=prefix)  # type: ignore[call-overload]
    for page in pages:
        for each in page[f"{noun}s"]:
            if each[f"{noun}Name"].startswith(f"{prefix}-"):
                yield each[f"{noun}Name"]
