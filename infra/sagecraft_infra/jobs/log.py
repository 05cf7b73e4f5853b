"""The log of a job, an endpoint or a notebook instance."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypedDict

from botocore.exceptions import ClientError

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing

from .description import Job, JobKind, describe_job, find_jobs

ENDPOINTS: Final = "/aws/sagemaker/Endpoints"
NOTEBOOK_INSTANCES: Final = "/aws/sagemaker/NotebookInstances"
FOLLOW_SECONDS: Final = 1.0


class _Streams(TypedDict, total=False):
    logStreamNamePrefix: str


@dataclass(frozen=True)
class LogLine:
    """One event of the log.

    Attributes:
        stream: The log stream: one for each instance.
        timestamp: In milliseconds since the epoch.
        message: The text.
        host: Which of several hosts wrote it, after the training job's name if that is one of a tuning job's. Empty
            where one host writes all.
    """

    stream: str
    timestamp: int
    message: str
    host: str = ""


@dataclass(frozen=True)
class _Place:
    group: str
    prefix: str
    job: Job | None = None

    def host(self, stream: str) -> str:
        if self.job is None or (self.job.kind is not JobKind.TUNING and self.job.instances == 1):
            return ""
        name, _, instance = stream.partition("/")
        host = instance.partition("/")[0].rpartition("-")[0]
        return f"{name}/{host}" if self.job.kind is JobKind.TUNING else host


@dataclass(frozen=True)
class WorkLog:
    """The log of something that SageMaker runs.

    Args:
        target: Where it runs.
        region: Where there.
        name: The job's, endpoint's or notebook instance's. The log of a tuning job is that of its training jobs.
    """

    target: Target
    region: str
    name: str

    def lines(self, *, follow: bool) -> Iterator[LogLine]:
        """The lines so far, then those that come, hosts one among the other.

        Args:
            follow: Whether to wait for more. A job's log ends with the job, an endpoint's never.

        Raises:
            UserError: SageMaker has nothing of that name.
        """
        place = self._place()
        start, seen = 0, set[str]()
        while True:
            # Asked before the lines are read: what is written between would otherwise be missed.
            ended = not follow or self._has_ended(place)
            for identity, line in self._read(place, start):
                if identity not in seen:
                    seen.add(identity)
                    start = max(start, line.timestamp)
                    yield line
            if ended:
                return
            time.sleep(FOLLOW_SECONDS)

    def _place(self) -> _Place:
        jobs = find_jobs(self.target, self.region, self.name)
        if jobs:
            # Where kinds share the name: the one that still runs, else the newest.
            job = max(jobs, key=lambda each: (not each.has_ended, each.description["CreationTime"]))
            return _Place(job.kind.log_group, f"{job.name}{'-' if job.kind is JobKind.TUNING else '/'}", job)
        client = self.target.sagemaker(self.region)
        others = (
            (client.describe_endpoint, {"EndpointName": self.name}, _Place(f"{ENDPOINTS}/{self.name}", "")),
            (
                client.describe_notebook_instance,
                {"NotebookInstanceName": self.name},
                _Place(NOTEBOOK_INSTANCES, f"{self.name}/"),
            ),
        )
        for describe, name, place in others:
            try:
                describe(**name)
            except ClientError as error:
                if is_missing(error):
                    continue
                raise
            return place
        raise UserError(f"There is no job, endpoint or notebook instance '{self.name}'. {self._near()}")

    def _near(self) -> str:
        client = self.target.sagemaker(self.region)
        jobs = [name for kind in JobKind for name in islice(kind.names(client), 100)]
        endpoints = [each["EndpointName"] for each in client.list_endpoints(MaxResults=100)["Endpoints"]]
        return near(self.name, [*jobs, *endpoints])

    def _has_ended(self, place: _Place) -> bool:
        if place.job is None:
            return False
        now = describe_job(self.target, self.region, place.job.kind, place.job.name)
        return now is None or now.has_ended

    def _read(self, place: _Place, start: int) -> Iterator[tuple[str, LogLine]]:
        pages = self.target.logs(self.region).get_paginator("filter_log_events")
        where: _Streams = {"logStreamNamePrefix": place.prefix} if place.prefix else {}
        try:
            for page in pages.paginate(logGroupName=place.group, startTime=start, **where):
                for event in page["events"]:
                    stream = event.get("logStreamName", "")
                    if not stream.startswith(place.prefix):
                        # The emulator's CloudWatch Logs overlooks the prefix.
                        continue
                    line = LogLine(stream, event.get("timestamp", 0), event.get("message", ""), place.host(stream))
                    yield event.get("eventId", f"{line.stream} {line.timestamp} {line.message}"), line
        except ClientError as error:
            # Nothing has been written yet.
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise
