"""Finds jobs, of whatever kinds."""

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Final

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

_NAMED_KINDS: Final = 2
"""Of more kinds than these, a message says nothing but that they are jobs."""


def describe_job(target: Target, region: str, kind: JobKind, name: str) -> Job | None:
    """A job, or `None` if there is none of that kind and name."""
    description = found(partial(kind.api.describe, target.sagemaker(region), name))
    return None if description is None else Job(kind, name, description)


def find_jobs(target: Target, region: str, name: str, kinds: Iterable[JobKind]) -> list[Job]:
    """The jobs of that name: a training job and a transform job may share one."""
    described = (describe_job(target, region, kind, name) for kind in kinds)
    return [job for job in described if job is not None]


def the_job(target: Target, region: str, name: str, kinds: Iterable[JobKind]) -> Job:
    """The job of that name; the one that still runs, where jobs of several kinds share it.

    Raises:
        UserError: There is none, or several of them run.
    """
    wanted = tuple(kinds)
    present = find_jobs(target, region, name, wanted)
    running = [job for job in present if not job.has_ended] or present
    if len(running) == 1:
        return running[0]
    if running:
        raise UserError(f"There are several jobs '{name}': {', '.join(job.kind.api.noun for job in running)}.")
    what = "job" if len(wanted) > _NAMED_KINDS else " or ".join(f"{kind} job" for kind in wanted)
    raise UserError(f"There is no {what} '{name}' in {region}. {near_jobs(target, region, name, wanted)}")


def near_jobs(target: Target, region: str, name: str, kinds: Iterable[JobKind]) -> str:
    """A sentence that names the jobs whose names are most like this one."""
    client = target.sagemaker(region)
    return near(name, [each for kind in kinds for each in islice(kind.api.newest(client), 100)])


def list_jobs(
    target: Target, region: str, *, kinds: Iterable[JobKind], status: str | None = None, limit: int
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
    listed: list[Job] = []
    for kind in kinds:
        described = (
            describe_job(target, region, kind, name) for name in islice(kind.api.newest(client, status), limit)
        )
        listed.extend(job for job in described if job is not None)
    return sorted(listed, key=lambda job: job.description["CreationTime"], reverse=True)[:limit]
