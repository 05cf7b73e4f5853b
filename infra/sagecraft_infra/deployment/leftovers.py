"""What the end of an emulator meets: work that runs beside the stacks, and buckets that no stack deleted."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from botocore.exceptions import ClientError

from sagecraft_infra.jobs.lookup import describe_job, list_jobs
from sagecraft_infra.noun.job import Job
from sagecraft_infra.noun.noun import Nouns
from sagecraft_infra.target import Target

from .destruction import bucket_names, bucket_removal, has_versions

_STOP_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.1
_MOST_JOBS: Final = 1000
_BUCKET: Final = "AWS::S3::Bucket"
_SKIPPED: Final = "DELETE_SKIPPED"


def running_jobs(target: Target, regions: Iterable[str], nouns: Nouns) -> list[tuple[str, Job]]:
    """The jobs that run, each with its region, without those that are the work of another one."""
    found = [
        (region, job)
        for region in regions
        for job in list_jobs(target, region, kinds=nouns.jobs, status="InProgress", limit=_MOST_JOBS)
    ]
    parents = [(region, f"{job.name}-") for region, job in found if job.kind.starts_jobs]
    return [
        (region, job)
        for region, job in found
        if not any(region == other and job.name.startswith(begin) for other, begin in parents)
    ]


def stop_jobs(target: Target, running: Sequence[tuple[str, Job]]) -> None:
    """Stops jobs, and waits until they have ended: before the buckets go that they write to."""
    for region, job in running:
        try:
            job.kind.api.stop(target.sagemaker(region), job.name)
        except ClientError:  # it has ended meanwhile
            continue
    deadline = time.monotonic() + _STOP_SECONDS
    left = list(running)
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        present = [(region, describe_job(target, region, job.kind, job.name)) for region, job in left]
        left = [(region, job) for region, job in present if job is not None and not job.has_ended]


def served(target: Target, regions: Iterable[str], nouns: Nouns) -> Iterator[str]:
    """What is in service, such as `endpoint churn`."""
    for region in regions:
        client = target.sagemaker(region)
        for section in nouns.sections:
            for name in section.api.names(client):
                if (
                    getattr(section.state(name, region, section.api.describe(client, name)), "status", "")
                    == "InService"
                ):
                    yield f"{section.api.words} {name}"


def left_buckets(target: Target, regions: Sequence[str]) -> dict[str, str]:
    """The buckets that there are, each with why."""
    s3 = target.s3(regions[0])
    names = bucket_names(s3)
    of_stacks = _statuses(target, regions) if names else {}
    told = {}
    for name in names:
        # What is in a bucket that never kept versions is not looked at: it may be much.
        keeps = "Status" in s3.get_bucket_versioning(Bucket=name)
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=name) if keeps else ()
        removal = bucket_removal(name, is_versioned=any(map(has_versions, pages)))
        told[name] = f"{_why(of_stacks.get(name))} To delete it: {removal}"
    return told


def _why(known: tuple[str, str] | None) -> str:
    if known is None:
        return "no stack that is known made it."
    stack, status = known
    if status == _SKIPPED:
        return f"stack {stack} keeps it by its DeletionPolicy."
    return f"it is left over from stack {stack}, which is gone."


def _statuses(target: Target, regions: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The stack and the last status of each bucket that stacks tell of, also those that are gone."""
    found: dict[str, tuple[str, str]] = {}
    for region in regions:
        client = target.cloudformation(region)
        for listed in client.get_paginator("list_stacks").paginate():
            for stack in listed["StackSummaries"]:
                pages = client.get_paginator("describe_stack_events").paginate(StackName=stack["StackId"])
                events = [event for page in pages for event in page["StackEvents"] if event["ResourceType"] == _BUCKET]
                for event in reversed(events):
                    found[event.get("PhysicalResourceId", "")] = stack["StackName"], event["ResourceStatus"]
    return found
