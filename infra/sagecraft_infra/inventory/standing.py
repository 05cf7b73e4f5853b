"""The stacks, jobs, endpoints and notebook instances that stand somewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing

from .stacks import StackState

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

NESTED_STACK: Final = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class TrainingJobState:
    """A training job, with its final metrics."""

    name: str
    region: str
    status: str
    failure_reason: str | None
    seconds: float | None
    metrics: dict[str, float]
    model_artifacts: str | None


@dataclass(frozen=True)
class EndpointState:
    """An endpoint, and what stands behind it."""

    name: str
    region: str
    status: str
    failure_reason: str | None
    endpoint_config: str
    instances: int


@dataclass(frozen=True)
class NotebookInstanceState:
    """A notebook instance."""

    name: str
    region: str
    status: str
    instance_type: str


@dataclass(frozen=True)
class Inventory:
    """What stands somewhere."""

    stacks: tuple[StackState, ...]
    training_jobs: tuple[TrainingJobState, ...]
    endpoints: tuple[EndpointState, ...]
    notebook_instances: tuple[NotebookInstanceState, ...]


def take_inventory(target: Target, stacks: Sequence[StackState]) -> Inventory:
    """What stands in these stacks; the stacks alone where nothing answers for SageMaker."""
    if not target.has_sagemaker:
        return Inventory(tuple(stacks), (), (), ())
    jobs: list[TrainingJobState] = []
    endpoints: list[EndpointState] = []
    notebooks: list[NotebookInstanceState] = []
    for stack in stacks:
        client = target.sagemaker(stack.region)
        for resource_type, physical_id in _resources(target, stack.name, stack.region):
            # An ARN or a name: SageMaker's own names have no slash.
            name = physical_id.rpartition("/")[2]
            match resource_type:
                case "Custom::SageMakerTrainingJob":
                    jobs.extend(_training_job(client, name, stack.region))
                case "AWS::SageMaker::Endpoint":
                    endpoints.extend(_endpoint(client, name, stack.region))
                case "AWS::SageMaker::NotebookInstance":
                    notebooks.extend(_notebook_instance(client, name, stack.region))
                case _:  # other services' resources are not what a user looks for here
                    continue
    return Inventory(tuple(stacks), tuple(jobs), tuple(endpoints), tuple(notebooks))


def _resources(target: Target, stack: str, region: str) -> Iterable[tuple[str, str]]:
    """The types and physical ids of what stands in a stack and in those that are nested in it."""
    for page in target.cloudformation(region).get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            kind, physical_id = resource["ResourceType"], resource.get("PhysicalResourceId", "")
            if not physical_id or resource["ResourceStatus"].startswith("DELETE"):
                continue
            if kind == NESTED_STACK:
                yield from _resources(target, physical_id, region)
            else:
                yield kind, physical_id


def take_whole_inventory(target: Target, stacks: Sequence[StackState], regions: Iterable[str]) -> Inventory:
    """These stacks, and whatever SageMaker has in the regions, whoever made it, except what a tuning job made."""
    if not target.has_sagemaker:
        return Inventory(tuple(stacks), (), (), ())
    jobs: list[TrainingJobState] = []
    endpoints: list[EndpointState] = []
    notebooks: list[NotebookInstanceState] = []
    for region in regions:
        client = target.sagemaker(region)
        for page in client.get_paginator("list_training_jobs").paginate():
            for job in page["TrainingJobSummaries"]:
                jobs.extend(_training_job(client, job["TrainingJobName"], region, of_tuning=False))
        for listed in client.get_paginator("list_endpoints").paginate():
            for endpoint in listed["Endpoints"]:
                endpoints.extend(_endpoint(client, endpoint["EndpointName"], region))
        for instances in client.get_paginator("list_notebook_instances").paginate():
            for instance in instances["NotebookInstances"]:
                notebooks.extend(_notebook_instance(client, instance["NotebookInstanceName"], region))
    return Inventory(tuple(stacks), tuple(jobs), tuple(endpoints), tuple(notebooks))


def _training_job(
    client: "SageMakerClient", name: str, region: str, *, of_tuning: bool = True
) -> Iterable[TrainingJobState]:
    try:
        job = client.describe_training_job(TrainingJobName=name)
    except ClientError as error:
        if is_missing(error):
            return
        raise
    if not of_tuning and "TuningJobArn" in job:
        return
    yield TrainingJobState(
        name=name,
        region=region,
        status=job["TrainingJobStatus"],
        failure_reason=job.get("FailureReason"),
        seconds=_seconds(job.get("TrainingStartTime"), job.get("TrainingEndTime")),
        metrics={each["MetricName"]: each["Value"] for each in job.get("FinalMetricDataList", [])},
        model_artifacts=_member(job.get("ModelArtifacts"), "S3ModelArtifacts"),
    )


def _endpoint(client: "SageMakerClient", name: str, region: str) -> Iterable[EndpointState]:
    try:
        endpoint = client.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if is_missing(error):
            return
        raise
    yield EndpointState(
        name=name,
        region=region,
        status=endpoint["EndpointStatus"],
        failure_reason=endpoint.get("FailureReason"),
        endpoint_config=endpoint.get("EndpointConfigName", ""),
        instances=sum(each.get("CurrentInstanceCount", 0) for each in endpoint.get("ProductionVariants", [])),
    )


def _notebook_instance(client: "SageMakerClient", name: str, region: str) -> Iterable[NotebookInstanceState]:
    try:
        instance = client.describe_notebook_instance(NotebookInstanceName=name)
    except ClientError as error:
        if is_missing(error):
            return
        raise
    yield NotebookInstanceState(name, region, instance["NotebookInstanceStatus"], instance["InstanceType"])


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()


def _member(structure: Any, name: str) -> str | None:
    value = None if structure is None else structure.get(name)
    return None if value is None else str(value)
