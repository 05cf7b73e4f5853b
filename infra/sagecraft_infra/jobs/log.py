"""The log of a job, or of what else SageMaker runs."""

import heapq
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypedDict

from botocore.exceptions import ClientError

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import any_of, near
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.noun.log import Logged
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

from .lookup import describe_job, find_jobs

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef

FOLLOW_SECONDS: Final = 1.0


MOST_EVENTS: Final = 10_000
"""Of a page."""


class _Streams(TypedDict, total=False):
    logStreamNamePrefix: str


class _Page(TypedDict, total=False):
    nextToken: str


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

    def lines(self) -> Iterator[LogLine]:
        """The lines so far, hosts one among the other."""
        return chain.from_iterable(self.pages(follow=False))

    def pages(self, *, follow: bool, last: int | None = None) -> Iterator[Collection[LogLine]]:
        """The lines so far, then those that come, hosts one among the other; many at a time.

        Args:
            follow: Whether to wait for more. A job's log ends with the job, an endpoint's never.
            last: How many of those so far; left out, all.
        """
        seen = _Seen(0 if last is None else self._start_of(last))
        # Asked before the lines are read: what is written between would otherwise be missed.
        ended = not follow or self._has_ended()
        so_far = (seen.new(page) for page in self._read(seen.start))
        if last is None:
            yield from so_far
        else:
            yield deque(chain.from_iterable(so_far), last)
        while not ended:
            time.sleep(FOLLOW_SECONDS)
            ended = self._has_ended()
            yield from (seen.new(page) for page in self._read(seen.start))

    def _has_ended(self) -> bool:
        if self.job is None:
            return False
        now = describe_job(self.target, self.region, self.job.kind, self.job.name)
        return now is None or now.has_ended

    def _read(self, start: int) -> Iterator[list[tuple[str, LogLine]]]:
        """Pages of lines from a time on, each line with what tells it from all others."""
        pages = self._logs.get_paginator("filter_log_events")
        with _nothing_written_yet():
            for page in pages.paginate(logGroupName=self.group, startTime=start, **self._streams):
                yield [self._line(event) for event in page["events"]]

    def _line(self, event: "FilteredLogEventTypeDef") -> tuple[str, LogLine]:
        stream = event.get("logStreamName", "")
        line = LogLine(stream, event.get("timestamp", 0), event.get("message", ""), self._host(stream))
        return event.get("eventId", f"{line.stream} {line.timestamp} {line.message}"), line

    def _start_of(self, last: int) -> int:
        """The time of the first of the last lines."""
        times: list[int] = []
        streams = self._logs.get_paginator("describe_log_streams")
        with _nothing_written_yet():
            for page in streams.paginate(logGroupName=self.group, **self._streams):
                for stream in page["logStreams"]:
                    times = heapq.nlargest(last, [*times, *self._last_times(stream.get("logStreamName", ""), last)])
        return times[-1] if times else 0

    def _last_times(self, stream: str, last: int) -> Iterator[int]:
        """The times of the last lines of a stream, the latest first."""
        asked: _Page = {}
        while last > 0:
            page = self._logs.get_log_events(
                logGroupName=self.group, logStreamName=stream, limit=min(last, MOST_EVENTS), **asked
            )
            yield from (event.get("timestamp", 0) for event in reversed(page["events"]))
            last -= len(page["events"])
            if asked.get("nextToken") == page["nextBackwardToken"]:
                return
            asked = {"nextToken": page["nextBackwardToken"]}

    @property
    def _logs(self) -> "CloudWatchLogsClient":
        return self.target.logs(self.region)

    @property
    def _streams(self) -> _Streams:
        return {"logStreamNamePrefix": self.prefix} if self.prefix else {}

    def _host(self, stream: str) -> str:
        if self.job is None or not (self.job.kind.starts_jobs or self.job.instances > 1):
            return ""
        name, _, instance = stream.partition("/")
        host = instance.partition("/")[0].rpartition("-")[0]
        return f"{name}/{host}" if self.job.kind.starts_jobs else host


class _Seen:
    """Which lines were seen: those of the latest time, for earlier ones are not asked for again.

    Args:
        start: From which time on.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self._identities: set[str] = set()

    def new(self, page: Sequence[tuple[str, LogLine]]) -> list[LogLine]:
        """The lines of a page that were not seen before, and are now."""
        lines = []
        for identity, line in page:
            if identity in self._identities:
                continue
            if line.timestamp > self.start:
                self.start = line.timestamp
                self._identities.clear()
            if line.timestamp == self.start:
                self._identities.add(identity)
            lines.append(line)
        return lines


@contextmanager
def _nothing_written_yet() -> Iterator[None]:
    """Passes over that the group is not there."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
