"""The log of a training job, an endpoint or a notebook instance."""

import difflib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypedDict

from botocore.exceptions import ClientError

from .errors import UserError
from .inventory import is_missing
from .target import Target

TRAINING_JOBS: Final = "/aws/sagemaker/TrainingJobs"
ENDPOINTS: Final = "/aws/sagemaker/Endpoints"
NOTEBOOK_INSTANCES: Final = "/aws/sagemaker/NotebookInstances"
FOLLOW_SECONDS: Final = 1.0
_ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})


class _Streams(TypedDict, total=False):
    logStreamNamePrefix: str


@dataclass(frozen=True)
class LogLine:
    """One event of the log.

    Attributes:
        stream: The log stream: one for each instance.
        timestamp: In milliseconds since the epoch.
        message: The text.
    """

    stream: str
    timestamp: int
    message: str


@dataclass(frozen=True)
class WorkLog:
    """The log of something that SageMaker runs.

    Args:
        target: Where it runs.
        region: Where there.
        name: The job's, endpoint's or notebook instance's.
    """

    target: Target
    region: str
    name: str

    def lines(self, *, follow: bool) -> Iterator[LogLine]:
        """The lines so far, then those that come.

        Args:
            follow: Whether to wait for more. A training job's log ends with the job, an endpoint's never.

        Raises:
            UserError: SageMaker has nothing of that name.
        """
        group, prefix = self._place()
        start, seen = 0, set[str]()
        while True:
            # Asked before the lines are read: what is written between would otherwise be missed.
            ended = not follow or self._has_ended(group)
            for identity, line in self._read(group, prefix, start):
                if identity not in seen:
                    seen.add(identity)
                    start = max(start, line.timestamp)
                    yield line
            if ended:
                return
            time.sleep(FOLLOW_SECONDS)

    def _place(self) -> tuple[str, str]:
        client = self.target.sagemaker(self.region)
        places = (
            (client.describe_training_job, {"TrainingJobName": self.name}, TRAINING_JOBS, f"{self.name}/"),
            (client.describe_endpoint, {"EndpointName": self.name}, f"{ENDPOINTS}/{self.name}", ""),
            (
                client.describe_notebook_instance,
                {"NotebookInstanceName": self.name},
                NOTEBOOK_INSTANCES,
                f"{self.name}/",
            ),
        )
        for describe, name, group, prefix in places:
            try:
                describe(**name)
            except ClientError as error:
                if is_missing(error):
                    continue
                raise
            return group, prefix
        raise UserError(f"There is no training job, endpoint or notebook instance '{self.name}'. {self._near()}")

    def _near(self) -> str:
        client = self.target.sagemaker(self.region)
        names = [
            *(job["TrainingJobName"] for job in client.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]),
            *(endpoint["EndpointName"] for endpoint in client.list_endpoints(MaxResults=100)["Endpoints"]),
        ]
        near = difflib.get_close_matches(self.name, names) or names[:5]
        return f"There are: {', '.join(near)}." if near else "Nothing runs yet; deploy with: sagecraft up"

    def _has_ended(self, group: str) -> bool:
        if group != TRAINING_JOBS:
            return False
        job = self.target.sagemaker(self.region).describe_training_job(TrainingJobName=self.name)
        return job["TrainingJobStatus"] in _ENDED

    def _read(self, group: str, prefix: str, start: int) -> Iterator[tuple[str, LogLine]]:
        pages = self.target.logs(self.region).get_paginator("filter_log_events")
        where: _Streams = {"logStreamNamePrefix": prefix} if prefix else {}
        try:
            for page in pages.paginate(logGroupName=group, startTime=start, **where):
                for event in page["events"]:
                    line = LogLine(event.get("logStreamName", ""), event.get("timestamp", 0), event.get("message", ""))
                    yield event.get("eventId", f"{line.stream} {line.timestamp} {line.message}"), line
        except ClientError as error:
            # Nothing has been written yet.
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise
