"""What can be stopped: how it is found to run, stopped and brought back, each kind in its way.

Each look is at SageMaker itself: what the tags' own service tells may be gone, or changed in the meantime.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from .client import client
from .prices import usd_per_hour

_A_MINUTE, _AN_HOUR = 60, 3600
_FEW_MINUTES = timedelta(hours=12)
"""So long each minute is asked for; CloudWatch answers with 1,440 at most, and has none of earlier than 15 days."""


@dataclass(frozen=True)
class JobKind:
    """A kind of jobs.

    Attributes:
        api_name: What the members of its description begin with.
        describe: The operation that tells of one.
        stop: The operation that stops one.
        since: Which member says when it began to cost.
    """

    api_name: str
    describe: str
    stop: str
    since: str


JOBS = {
    # What begins others comes first, so that it begins no more.
    "automl-job": JobKind("AutoMLJob", "describe_auto_ml_job_v2", "stop_auto_ml_job", "CreationTime"),
    "hyper-parameter-tuning-job": JobKind(
        "HyperParameterTuningJob",
        "describe_hyper_parameter_tuning_job",
        "stop_hyper_parameter_tuning_job",
        "CreationTime",
    ),
    "training-job": JobKind("TrainingJob", "describe_training_job", "stop_training_job", "TrainingStartTime"),
    "processing-job": JobKind("ProcessingJob", "describe_processing_job", "stop_processing_job", "ProcessingStartTime"),
    "transform-job": JobKind("TransformJob", "describe_transform_job", "stop_transform_job", "TransformStartTime"),
}
"""By what stands in their ARNs."""


class Left(Exception):
    """Something is left as it is, with the reason."""


@dataclass(frozen=True)
class Thing:
    """Something that runs.

    Attributes:
        kind: Of its ARN, such as `endpoint`.
        name: Its name.
        machines: What it runs on.
        usd_per_hour: What that costs; None where it is not known.
        request: What SageMaker needs to bring it back; None for what does not come back.
        since: When it began to run as it does; None where that is not known.
        variants: Of an endpoint.
        stopping: What SageMaker is told to stop it.
    """

    kind: str
    name: str
    machines: str
    usd_per_hour: Decimal | None
    since: datetime | None
    request: Mapping[str, Any] | None = None
    variants: Sequence[str] = ()
    stopping: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.replace('-', ' ')} {self.name} ({self.machines})"

    def has_run_for(self, time: timedelta) -> bool:
        """Whether it has run as it does for so long."""
        return self.since is not None and datetime.now(UTC) - self.since >= time

    def is_idle(self, time: timedelta) -> bool:
        """Whether nobody has asked it for so long: an endpoint. Of an app it is `since` that says so."""
        if not self.has_run_for(time):
            return False
        return self.kind != "endpoint" or not any(_invocations(self.name, each, time) for each in self.variants)

    def stop(self) -> None:
        """Stops it."""
        sagemaker = client("sagemaker")
        match self.kind:
            case "endpoint":
                sagemaker.delete_endpoint(EndpointName=self.name)
            case "notebook-instance":
                sagemaker.stop_notebook_instance(NotebookInstanceName=self.name)
            case "app":
                sagemaker.delete_app(**self.stopping)
            case kind:
                getattr(sagemaker, JOBS[kind].stop)(**self.stopping)


def running(kind: str, name: str) -> Thing | None:
    """Something that runs and costs money by the hour; None where it does not.

    Raises:
        Left: It runs, and must not be stopped.
    """
    match kind:
        case "endpoint":
            return _endpoint(name)
        case "notebook-instance":
            return _notebook(name)
        case "app":
            return _app(name)
        case _:
            return _job(kind, name)


def _endpoint(name: str) -> Thing | None:
    sagemaker = client("sagemaker")
    found = sagemaker.describe_endpoint(EndpointName=name)
    if found["EndpointStatus"] != "InService":
        return None
    config = sagemaker.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
    configured = {each["VariantName"]: each for each in config["ProductionVariants"]}
    if all("ServerlessConfig" in each for each in configured.values()):
        return None  # by the request alone
    if not all("ModelName" in each for each in configured.values()):
        raise Left("it holds inference components, which are not of its configuration")
    if "AsyncInferenceConfig" in config:
        raise Left("it may have requests in its queue; let it scale to no instances instead")
    tags = [tag for tag in _tags(found["EndpointArn"]) if not tag["Key"].startswith("aws:")]
    now = {each["VariantName"]: each.get("CurrentInstanceCount", 0) for each in found.get("ProductionVariants", [])}
    machines = [
        (each["InstanceType"], now.get(variant) or each["InitialInstanceCount"])
        for variant, each in configured.items()
        if "InstanceType" in each
    ]
    request = {"EndpointName": found["EndpointName"], "EndpointConfigName": found["EndpointConfigName"], "Tags": tags}
    return Thing(
        kind="endpoint",
        name=found["EndpointName"],
        machines=_told(machines),
        usd_per_hour=usd_per_hour("hosting", machines),
        since=found["LastModifiedTime"],
        request=request,
        variants=tuple(configured),
    )


def _notebook(name: str) -> Thing | None:
    found = client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
    if found["NotebookInstanceStatus"] != "InService":
        return None
    machines = [(found["InstanceType"], 1)]
    request = {"NotebookInstanceName": found["NotebookInstanceName"]}
    return Thing(
        kind="notebook-instance",
        name=found["NotebookInstanceName"],
        machines=_told(machines),
        usd_per_hour=usd_per_hour("notebook", machines),
        # When it was started nobody tells; whether somebody works in it, it sees itself.
        since=None,
        request=request,
    )


def _app(name: str) -> Thing | None:
    """An app by the end of its ARN, `domain/user profile or space/type/name`, whose letters may all be small."""
    domain = name.partition("/")[0]
    pages = client("sagemaker").get_paginator("list_apps").paginate(DomainIdEquals=domain)
    for summary in (each for page in pages for each in page["Apps"]):
        members = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
        request = {member: summary[member] for member in members if member in summary}
        if "/".join(request.values()).casefold() != name.casefold() or summary["Status"] != "InService":
            continue
        found = client("sagemaker").describe_app(**request)
        instance_type = found.get("ResourceSpec", {}).get("InstanceType", "system")
        if instance_type == "system":
            return None  # Jupyter's server, which is free
        machines = [(instance_type, 1)]
        return Thing(
            kind="app",
            name=name,
            machines=_told(machines),
            usd_per_hour=usd_per_hour("studio", machines),
            since=found.get("LastUserActivityTimestamp", found["CreationTime"]),
            stopping=request,
        )
    return None


def _job(kind: str, name: str) -> Thing | None:
    job = JOBS[kind]
    found = getattr(client("sagemaker"), job.describe)(**{f"{job.api_name}Name": name})
    if found[f"{job.api_name}Status"] != "InProgress":
        return None
    use = kind.removesuffix("-job")
    machines = _machines_of_job(found)
    return Thing(
        kind=kind,
        name=found[f"{job.api_name}Name"],
        machines=_told(machines) or "on what its jobs have",
        usd_per_hour=usd_per_hour(use, machines) if machines else None,
        since=found.get(job.since),
        stopping={f"{job.api_name}Name": found[f"{job.api_name}Name"]},
    )


def _machines_of_job(found: Mapping[str, Any]) -> list[tuple[str, int]]:
    match found:
        case {"ResourceConfig": {"InstanceGroups": [_, *_] as groups}}:
            return [(each["InstanceType"], each["InstanceCount"]) for each in groups]
        case {"ResourceConfig": {"InstanceType": str(name), "InstanceCount": int(count)}}:
            return [(name, count)]
        case {"ProcessingResources": {"ClusterConfig": {"InstanceType": str(name), "InstanceCount": int(count)}}}:
            return [(name, count)]
        case {"TransformResources": {"InstanceType": str(name), "InstanceCount": int(count)}}:
            return [(name, count)]
        case _:
            return []


def _tags(arn: str) -> list[dict[str, str]]:
    pages = client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
    return [tag for page in pages for tag in page["Tags"]]


def _invocations(endpoint: str, variant: str, time: timedelta) -> float:
    now = datetime.now(UTC)
    answer = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        StartTime=now - time,
        EndTime=now,
        Period=_A_MINUTE if time <= _FEW_MINUTES else _AN_HOUR,
        Statistics=["Sum"],
    )
    return float(sum(each["Sum"] for each in answer["Datapoints"]))


def _told(machines: Sequence[tuple[str, int]]) -> str:
    return " and ".join(name if count == 1 else f"{count} {name}" for name, count in machines)
