"""How long jobs took when they last ran, which says more of what they cost than their limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from sagecraft_catalog.charge.estimate import ResourceCost
from sagecraft_catalog.charge.span import Span

from sagecraft_infra.jobs.lookup import describe_job
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.target import Target

_MOST_LOOKED_AT: Final = 200
_TRAINING_JOB: Final = "TrainingJob"


@dataclass(frozen=True)
class Measured:
    """A run of a job.

    Attributes:
        job: The job's name.
        seconds: How long its instances worked; those of its jobs together, where it starts some.
        usd: What so much of AWS's instances costs.
    """

    job: str
    seconds: float
    usd: Span


def last_measured(
    target: Target, region: str, costs: Sequence[ResourceCost], kinds: Sequence[JobKind]
) -> dict[str, Measured]:
    """The newest completed run of each job, by the name prefix of the jobs; of those that have run.

    Args:
        target: Where they may have.
        region: Where there.
        costs: Of the resources, jobs among them.
        kinds: Of jobs.
    """
    by_noun = {kind.api.noun: kind for kind in kinds}
    found: dict[str, Measured] = {}
    for cost in costs:
        kind, prefix = by_noun.get(cost.cost.job), cost.cost.name_prefix
        if kind is None or not prefix:
            continue
        client = target.sagemaker(region)
        names = (
            name for name in islice(kind.api.newest(client, "Completed"), _MOST_LOOKED_AT) if name.startswith(prefix)
        )
        job = next((job for name in names if (job := describe_job(target, region, kind, name)) is not None), None)
        if job is not None:
            seconds = sum(_seconds(each) for each in _work(target, region, job, by_noun))
            found[prefix] = Measured(job.name, seconds, cost.hourly * (Decimal(str(seconds)) / 3600))
    return found


def _work(target: Target, region: str, job: Job, kinds: dict[str, JobKind]) -> Iterator[Job]:
    """The jobs whose instances worked for a job: itself, or those that it has started."""
    kind = kinds[_TRAINING_JOB]
    if not job.kind.starts_jobs:
        yield job
        return
    for name in islice(kind.api.newest(target.sagemaker(region)), _MOST_LOOKED_AT):
        started = describe_job(target, region, kind, name) if name.startswith(job.name) else None
        if started is not None:
            yield started


def _seconds(job: Job) -> float:
    told: Any = job.description.get("BillableTimeInSeconds")
    if told is not None:
        return float(told)
    begin, end = (job.description.get(member) for member in job.kind.times)
    return 0.0 if begin is None or end is None else float((end - begin).total_seconds())
