"""What the resources of templates ask for of quotas, and when."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sagecraft_catalog.charge.hosting import VARIANTS, config_of, instances_of
from sagecraft_catalog.charge.resource import Resource
from sagecraft_catalog.charge.value import Value
from sagecraft_catalog.charge.work import started_jobs

from .demand import JOBS, Demands, app, notebook_instance, one_of, processing_cluster, variants


class When(StrEnum):
    """When a resource takes of a quota."""

    STANDING = "while it stands"
    DEPLOYING = "when it is deployed"
    STARTED = "when somebody or a schedule starts it"


@dataclass(frozen=True)
class Need:
    """What a resource asks for.

    Attributes:
        resource: Which.
        when: When.
        demands: Of which quotas, and how much.
        unknown: What of it nobody knows before; empty where all is known.
    """

    resource: Resource
    when: When
    demands: Demands
    unknown: str = ""


def needs(resources: Iterable[Resource]) -> list[Need]:
    """What resources ask for of quotas, those left out that ask for nothing."""
    found = [need for resource in resources for need in _needs(resource)]
    return [need for need in found if need.demands or need.unknown]


def _needs(resource: Resource) -> list[Need]:
    read = _STANDING.get(resource.type)
    if read is not None:
        return [Need(resource, When.STANDING, read(resource))]
    match resource.type:
        case "AWS::SageMaker::Endpoint":
            return [_endpoint(resource)]
        case "AWS::SageMaker::MonitoringSchedule":
            return [Need(resource, When.STARTED, processing_cluster(_monitoring_cluster(resource)))]
        case other:
            when = When.DEPLOYING if other.startswith(_CUSTOM_JOB) else When.STARTED
            return [Need(resource, when, JOBS[job](request)) for job, request in started_jobs(resource)]


def _endpoint(resource: Resource) -> Need:
    config = config_of(resource)
    if config is None:
        return Need(resource, When.STANDING, (), "its endpoint configuration stands outside of its template")
    listed = [each for name in VARIANTS for each in config.get(name).members()]
    return Need(resource, When.STANDING, variants((each, instances_of(resource, each)[0]) for each in listed))


def _monitoring_cluster(resource: Resource) -> Value:
    config = resource.get("MonitoringScheduleConfig")
    definition, other = config.get("MonitoringJobDefinition"), resource.referred("MonitoringScheduleConfig")
    if definition.is_missing and other is not None:
        return other.get("JobResources", "ClusterConfig")
    return definition.get("MonitoringResources", "ClusterConfig")


_STANDING: Final[Mapping[str, Callable[[Resource], Demands]]] = {
    "AWS::SageMaker::NotebookInstance": lambda resource: (
        *notebook_instance(resource.properties),
        *one_of("Total number of notebook instances"),
    ),
    "AWS::SageMaker::App": lambda resource: app(resource.properties),
    "AWS::SageMaker::Domain": lambda _: one_of("Total domains"),
    "AWS::SageMaker::UserProfile": lambda _: one_of("Maximum number of Studio user profiles allowed per account"),
    "AWS::SageMaker::Space": lambda _: one_of("Maximum number of Studio spaces allowed per account"),
}
_CUSTOM_JOB: Final = "Custom::SageMaker"
