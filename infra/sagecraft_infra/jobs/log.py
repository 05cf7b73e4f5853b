"""The log of a job, or of what else SageMaker runs."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final, TypedDict

from botocore.exceptions import ClientError

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import any_of, near
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.noun.log import Logged
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

from .lookup import describe_job, find_jobs

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
class WorkLog:
    """The log of something that SageMaker runs.

    Attributes:
        target: Where it runs.
        region: Where there.
        group: The log group.
        prefix: What the names of its streams begin with.
        job: The job that writes it; `None` if it is no job's. The log of a tuning job is that of its training jobs.
    """

    target: Target
    region: str
    group: str
    prefix: str
    job: Job | None = None

    @classmethod
    def of_job(cls, target: Target, region: str, job: Job) -> "WorkLog":
        """The log of a job."""
        return cls(target, region, job.kind.log_group, f"{job.name}{'-' if job.kind.starts_jobs else '/'}", job)

    @classmethod
    def named(
        cls, target: Target, region: str, name: str, kinds: Sequence[JobKind], others: Sequence[Logged]
    ) -> "WorkLog":
        """The log of what has that name.

        Args:
            target: Where it runs.
            region: Where there.
            name: Its name.
            kinds: Of which it may be, if it is a job.
            others: What else it may be.

        Raises:
            UserError: SageMaker has nothing of that name.
        """
        jobs = find_jobs(target, region, name, kinds)
        if jobs:
            # Where kinds share the name: the one that still runs, else the newest.
            job = max(jobs, key=lambda each: (not each.has_ended, each.description["CreationTime"]))
            return cls.of_job(target, region, job)
        client = target.sagemaker(region)
        for each in others:
            if found(partial(each.api.describe, client, name)) is not None:
                return cls(target, region, each.group.format(name=name), each.prefix.format(name=name))
        what = any_of(["job", *(each.api.words for each in others)])
        apis = [*(kind.api for kind in kinds), *(each.api for each in others)]
        names = [present for api in apis for present in islice(api.newest(client), 100)]
        raise UserError(f"There is no {what} '{name}'. {near(name, names)}")

    def lines(self, *, follow: bool) -> Iterator[LogLine]:
        """The lines so far, then those that come, hosts one among the other.

        Args:
            follow: Whether to wait for more. A job's log ends with the job, an endpoint's never.
        """
        start, seen = 0, set[str]()
        while True:
            # Asked before the lines are read: what is written between would otherwise be missed.
            ended = not follow or self._has_ended()
            for identity, line in self._read(start):
                if identity not in seen:
                    seen.add(identity)
                    start = max(start, line.timestamp)
                    yield line
            if ended:
                return
            time.sleep(FOLLOW_SECONDS)

    def _has_ended(self) -> bool:
        if self.job is None:
            return False
        now = describe_job(self.target, self.region, self.job.kind, self.job.name)
        return now is None or now.has_ended

    def _read(self, start: int) -> Iterator[tuple[str, LogLine]]:
        pages = self.target.logs(self.region).get_paginator("filter_log_events")
        where: _Streams = {"logStreamNamePrefix": self.prefix} if self.prefix else {}
        try:
            for page in pages.paginate(logGroupName=self.group, startTime=start, **where):
                for event in page["events"]:
                    stream = event.get("logStreamName", "")
                    line = LogLine(stream, event.get("timestamp", 0), event.get("message", ""), self._host(stream))
                    yield event.get("eventId", f"{line.stream} {line.timestamp} {line.message}"), line
        except ClientError as error:
            # Nothing has been written yet.
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise

    def _host(self, stream: str) -> str:
        if self.job is None or not (self.job.kind.starts_jobs or self.job.instances > 1):
            return ""
        name, _, instance = stream.partition("/")
        host = instance.partition("/")[0].rpartition("-")[0]
        return f"{name}/{host}" if self.job.kind.starts_jobs else host
