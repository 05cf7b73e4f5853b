"""Jobs, of whatever kind: what a kind says of its jobs, and a job as SageMaker tells of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from .api import Api

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sagecraft_infra.target import Target

ENDED: Final = frozenset({"Completed", "Failed", "Stopped", "DeleteFailed"})
"""The statuses that a job keeps."""


def _no_objective(_: Mapping[str, Any]) -> float | None:
    return None


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A kind of job.

    Attributes:
        name: As the values of `--kind` name it.
        api: Its operations.
        times: The members of a description that hold when the work began and ended.
        log_group: Where its lines go.
        instances: How many hosts run a job, by its description.
        objective: The value that a job has reached for the tuning it belongs to, by its description.
        starts_jobs: Whether its work is other jobs, whose names begin with its own and whose lines are its log.
        plot: Draws a job. Left out, there is nothing to draw.
        watch: Shows a job until it ends, and returns it as it is then. Left out, its log is followed.
    """

    name: str
    api: Api
    times: tuple[str, str]
    log_group: str
    instances: Callable[[Mapping[str, Any]], int]
    objective: Callable[[Mapping[str, Any]], float | None] = _no_objective
    starts_jobs: bool = False
    plot: "Callable[[Target, str, Job], Figure] | None" = None
    watch: "Callable[[Target, str, str], Job] | None" = None

    def __str__(self) -> str:
        return self.name


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
        return str(self.description[f"{self.kind.api.noun}Status"])

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.status in ENDED

    @property
    def instances(self) -> int:
        """How many hosts run it."""
        return self.kind.instances(self.description)

    @property
    def objective(self) -> float | None:
        """The best value of a tuning job, or what a training job reached for the tuning job that it belongs to."""
        return self.kind.objective(self.description)

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
            "secondary_status": self.description.get(
                "SecondaryStatus", self.description.get(f"{self.kind.api.noun}SecondaryStatus")
            ),
            "queue_seconds": None if waited is None else max(0.0, (waited - created).total_seconds()),
            "started": None if begin is None else begin.astimezone(UTC).isoformat(timespec="seconds"),
            "seconds": None if begin is None or last is None else max(0.0, (last - begin).total_seconds()),
            "objective": self.objective,
            "failure_reason": self.description.get("FailureReason"),
        }


def reached(description: Mapping[str, Any]) -> float | None:
    """The value of an objective metric, where a description, or a part of it, tells one."""
    value = description.get("FinalHyperParameterTuningJobObjectiveMetric")
    return None if value is None else float(value["Value"])
