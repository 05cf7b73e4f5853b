"""The jobs that SageMaker runs, of whatever kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing

ENDED: Final = frozenset({"Completed", "Failed", "Stopped", "DeleteFailed"})
"""The statuses that a job keeps."""


class JobKind(StrEnum):
    """A kind of job, as the values of `--kind` name it."""

    TRAINING = "training"
    TUNING = "tuning"
    TRANSFORM = "transform"
    PROCESSING = "processing"

    @property
    def noun(self) -> str:
        """What SageMaker's API calls it."""
        return "HyperParameterTuningJob" if self is JobKind.TUNING else f"{self.capitalize()}Job"

    @property
    def times(self) -> tuple[str, str]:
        """The members of a description that hold when the work began and ended; a tuning job begins at once."""
        match self:
            case JobKind.TUNING:
                return "CreationTime", "HyperParameterTuningEndTime"
            case JobKind.TRAINING | JobKind.TRANSFORM | JobKind.PROCESSING:
                return f"{self.capitalize()}StartTime", f"{self.capitalize()}EndTime"

    @property
    def log_group(self) -> str:
        """Where its lines go; a tuning job has those of its training jobs."""
        return f"/aws/sagemaker/{'TrainingJobs' if self is JobKind.TUNING else f'{self.noun}s'}"

    @property
    def _operation(self) -> str:
        return "hyper_parameter_tuning_job" if self is JobKind.TUNING else f"{self}_job"

    def create(self, client: Any, request: dict[str, Any]) -> None:
        """Asks SageMaker for a job."""
        getattr(client, f"create_{self._operation}")(**request)

    def describe(self, client: Any, name: str) -> dict[str, Any]:
        """What SageMaker tells of a job."""
        described: dict[str, Any] = getattr(client, f"describe_{self._operation}")(**{f"{self.noun}Name": name})
        return described

    def stop(self, client: Any, name: str) -> None:
        """Asks SageMaker to stop a job."""
        getattr(client, f"stop_{self._operation}")(**{f"{self.noun}Name": name})

    def names(self, client: Any, status: str | None = None) -> Iterator[str]:
        """The names of the jobs, the newest first."""
        pages = client.get_paginator(f"list_{self._operation}s")
        chosen = {} if status is None else {"StatusEquals": status}
        for page in pages.paginate(SortBy="CreationTime", SortOrder="Descending", **chosen):
            for summary in page[f"{self.noun}Summaries"]:
                yield summary[f"{self.noun}Name"]


@dataclass(frozen=True)
class Job:
    """A job as SageMaker tells of it.

    Attributes:
        kind: Its kind.
        name: Its name.
        description: What SageMaker's describe operation answered.
    """

    kind: JobKind
    name: str
    description: dict[str, Any]

    @property
    def status(self) -> str:
        """Such as InProgress or Completed."""
        return str(self.description[f"{self.kind.noun}Status"])

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.status in ENDED

    @property
    def instances(self) -> int:
        """How many hosts run it; those of one training job, if it is a tuning job."""
        told = self.description
        match self.kind:
            case JobKind.PROCESSING:
                return int(told["ProcessingResources"]["ClusterConfig"]["InstanceCount"])
            case JobKind.TRANSFORM:
                return int(told["TransformResources"]["InstanceCount"])
            case JobKind.TRAINING:
                resources = told["ResourceConfig"]
                groups = resources.get("InstanceGroups", [])
                return int(resources.get("InstanceCount", 0) or sum(group["InstanceCount"] for group in groups))
            case JobKind.TUNING:
                return 1

    @property
    def objective(self) -> float | None:
        """The best value of a tuning job, or what a training job reached for the tuning job that it belongs to."""
        told = self.description
        reached = told.get("BestTrainingJob", {}).get("FinalHyperParameterTuningJobObjectiveMetric")
        if self.kind is JobKind.TRAINING and "TuningJobArn" in told:
            reached = told.get("FinalHyperParameterTuningJobObjectiveMetric", reached)
        return None if reached is None else float(reached["Value"])

    def summary(self, now: datetime) -> dict[str, Any]:
        """What a table shows of it: times in ISO 8601, and seconds, until now where it still goes on."""
        begin, end = (self.description.get(member) for member in self.kind.times)
        created = self.description["CreationTime"]
        last = end if self.has_ended else now
        waited = begin if begin is not None else last
        return {
            "name": self.name,
            "kind": str(self.kind),
            "status": self.status,
            "secondary_status": self.description.get("SecondaryStatus"),
            "queue_seconds": None if waited is None else max(0.0, (waited - created).total_seconds()),
            "started": None if begin is None else begin.astimezone(UTC).isoformat(timespec="seconds"),
            "seconds": None if begin is None or last is None else max(0.0, (last - begin).total_seconds()),
            "objective": self.objective,
            "failure_reason": self.description.get("FailureReason"),
        }


def describe_job(target: Target, region: str, kind: JobKind, name: str) -> Job | None:
    """A job, or `None` if there is none of that kind and name."""
    try:
        return Job(kind, name, kind.describe(target.sagemaker(region), name))
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def find_jobs(target: Target, region: str, name: str) -> list[Job]:
    """The jobs of that name: a training job and a transform job may share one."""
    found = (describe_job(target, region, kind, name) for kind in JobKind)
    return [job for job in found if job is not None]


def the_job(target: Target, region: str, name: str, kinds: Iterable[JobKind] = JobKind) -> Job:
    """The job of that name; the one that still runs, where jobs of several kinds share it.

    Raises:
        UserError: There is none, or several of them run.
    """
    wanted = tuple(kinds)
    found = [job for job in find_jobs(target, region, name) if job.kind in wanted]
    running = [job for job in found if not job.has_ended] or found
    if len(running) == 1:
        return running[0]
    if running:
        raise UserError(f"There are several jobs '{name}': {', '.join(job.kind.noun for job in running)}.")
    what = "job" if len(wanted) == len(JobKind) else " or ".join(f"{kind} job" for kind in wanted)
    raise UserError(f"There is no {what} '{name}' in {region}. {near_jobs(target, region, name, wanted)}")


def near_jobs(target: Target, region: str, name: str, kinds: Iterable[JobKind] = JobKind) -> str:
    """A sentence that names the jobs whose names are most like this one."""
    client = target.sagemaker(region)
    return near(name, [each for kind in kinds for each in islice(kind.names(client), 100)])


def list_jobs(
    target: Target, region: str, *, kinds: Iterable[JobKind] = JobKind, status: str | None = None, limit: int
) -> list[Job]:
    """The newest jobs, the newest first.

    Args:
        target: Where they run.
        region: Where there.
        kinds: Which kinds.
        status: Such as InProgress. Left out, every status.
        limit: How many at most.
    """
    client = target.sagemaker(region)
    found: list[Job] = []
    for kind in kinds:
        described = (describe_job(target, region, kind, name) for name in islice(kind.names(client, status), limit))
        found.extend(job for job in described if job is not None)
    return sorted(found, key=lambda job: job.description["CreationTime"], reverse=True)[:limit]
