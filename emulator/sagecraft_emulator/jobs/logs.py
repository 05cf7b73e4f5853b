"""A container's log, on its way from its file to CloudWatch Logs and CloudWatch."""

import logging
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.data.sparse_file import free_beginning
from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.metrics.reader import MetricDatum, MetricReader
from sagecraft_emulator.state.store import RecordKey

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

logger = logging.getLogger(__name__)

SHIP_EVERY_SECONDS: Final = 0.5
MAX_EVENTS: Final = 5_000
MAX_BATCH_BYTES: Final = 1_048_576
EVENT_OVERHEAD_BYTES: Final = 26
MAX_LINE_BYTES: Final = 250_000
"""A longer line is cut here; CloudWatch Logs takes 256 KiB at most."""
MAX_READ_BYTES: Final = 1_048_576
"""So much of a log is in memory at a time."""
MAX_METRIC_DATA: Final = 500
MAX_METRIC_VALUES: Final = 150
"""Of a datum.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html"""
FREE_EVERY_BYTES: Final = 8 * 1_048_576
"""So much more of a log is shipped before its space is given back."""
KEPT_BYTES: Final = 65_536
"""The end of a log that is kept to be read."""
MOST_WAITING_BYTES: Final = 512 * 1_048_576
"""So much of a log may wait to be shipped; what is more is left out."""
LARGE_BYTES: Final = 64 * 1_048_576
"""A log of which so much was written is left out where the disk is nearly full."""
RESERVED_BYTES: Final = 1_073_741_824
"""What is nearly full has less free than this, by which the emulator goes on."""


class LogShipper:
    """Ships the lines of a file as they come, in a thread of its own, until it is closed.

    As on AWS there is no stream, nor a group, before there is a line: `_flush_log_streams` in `sagemaker/session.py` of
    the SageMaker SDK says so.

    Args:
        clients: To the host.
        key: The record that the log belongs to.
        log: The file.
        group: The log group; it is made when it is not there.
        stream: The log stream.
        metrics: Reads metrics from the lines, or None.
    """

    def __init__(
        self, clients: Clients, key: RecordKey, log: Path, group: str, stream: str, metrics: MetricReader | None = None
    ) -> None:
        self._clients = clients
        self._key, self._log, self._group, self._stream = key, log, group, stream
        self._metrics = metrics
        self._has_stream = False
        self._offset = 0
        self._freed: int | None = 0
        self._floods = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"log-{stream}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ships what there is still, and ends."""
        self._closing.set()
        self._thread.join()

    def check(self) -> None:
        """Passes where the log can be kept. What a job writes without end must not fill the disk that others need.

        Raises:
            JobFailed: It cannot.
        """
        if fault := self._fault():
            self._floods = True
            raise JobFailed(f"ClientError: {fault} Write less to standard output and standard error.")

    def _fault(self) -> str | None:
        """Why the log cannot be kept, if so."""
        written = self._log.stat().st_size if self._log.exists() else 0
        if written - self._offset > MOST_WAITING_BYTES:
            return f"The log '{self._stream}' grows faster than it can be kept."
        if written > LARGE_BYTES and shutil.disk_usage(self._log.parent).free < RESERVED_BYTES:
            return f"No space left on device for the log '{self._stream}'."
        return None

    def _run(self) -> None:
        while not self._closing.wait(SHIP_EVERY_SECONDS):
            self._ship(whole=False)
        self._ship(whole=True)

    @property
    def _logs(self) -> "CloudWatchLogsClient":
        return self._clients.logs(self._key.account, self._key.region)

    def _make_stream(self) -> None:
        place = (self._key.account, self._key.region, self._group)
        if place in self._clients.log_groups:
            with suppress(self._logs.exceptions.ResourceNotFoundException):  # it was deleted meanwhile
                self._create_stream()
                return
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=self._group)
        self._clients.log_groups.add(place)
        self._create_stream()

    def _create_stream(self) -> None:
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
        self._has_stream = True

    def _ship(self, *, whole: bool) -> None:
        while (lines := self._leave_out() or self._new_lines(whole=whole)) is not None:
            now = int(time.time() * 1000)
            events: list[InputLogEventTypeDef] = [{"timestamp": now, "message": line} for line in lines]
            data = [] if self._metrics is None else self._metrics.read(lines)
            try:
                if events and not self._has_stream:
                    self._make_stream()
                for batch in batches(events):
                    self._logs.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=batch)
                self._put_metrics(data)
            except (BotoCoreError, ClientError):
                logger.exception("%d lines of the log of %s were not shipped", len(events), self._key.name)
            self._free_space()

    def _leave_out(self) -> list[str]:
        """Goes on with the end of a log that cannot be kept; the line that says so, if any."""
        if not self._floods and self._fault() is None:
            return []
        left_out = self._log.stat().st_size - KEPT_BYTES - self._offset
        if left_out <= 0:
            return []
        self._offset += left_out
        return [f"[{left_out:,} bytes are left out here: there is no place for what is written so fast]"]

    def _free_space(self) -> None:
        """Keeps a log that never ends from filling the disk, where that can be done."""
        end = self._offset - KEPT_BYTES
        if self._freed is not None and end >= self._freed + FREE_EVERY_BYTES:
            self._freed = end if free_beginning(self._log, end) else None

    def _put_metrics(self, data: Sequence[MetricDatum]) -> None:
        """Puts values that were read at one time, those of a metric together: each datum takes a while by itself."""
        values: dict[str, list[float]] = {}
        for datum in data:
            values.setdefault(datum.name, []).append(datum.value)
        metric_data: list[MetricDatumTypeDef] = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": "TrainingJobName", "Value": self._key.name}],
                "Timestamp": datetime.fromtimestamp(data[0].timestamp, UTC),
                "Values": of_metric[begin : begin + MAX_METRIC_VALUES],
            }
            for name, of_metric in values.items()
            for begin in range(0, len(of_metric), MAX_METRIC_VALUES)
        ]
        cloudwatch = self._clients.cloudwatch(self._key.account, self._key.region)
        for begin in range(0, len(metric_data), MAX_METRIC_DATA):
            cloudwatch.put_metric_data(Namespace=self._group, MetricData=metric_data[begin : begin + MAX_METRIC_DATA])

    def _new_lines(self, *, whole: bool) -> list[str] | None:
        """Lines that were added since the last call, some at a time; the unfinished last one only of a whole log.

        None: there are no more.
        """
        if not self._log.exists():
            return None
        with self._log.open("rb") as file:
            file.seek(self._offset)
            read = file.read(MAX_READ_BYTES)
        end = read.rfind(b"\n") + 1
        if not end and (whole or len(read) >= MAX_LINE_BYTES):
            end = min(len(read), MAX_LINE_BYTES)
        self._offset += end
        return _lines(read[:end]) if end else None


def _lines(read: bytes) -> list[str]:
    """Lines that are not empty, as CloudWatch shows them."""
    parts = read.split(b"\n")
    if max(map(len, parts)) > MAX_LINE_BYTES:
        parts = [
            part[begin : begin + MAX_LINE_BYTES] for part in parts for begin in range(0, len(part), MAX_LINE_BYTES)
        ]
    text = b"\n".join(parts).decode("utf-8", errors="replace").replace("\t", "#011")
    return [line for each in text.split("\n") if (line := each.rstrip("\r"))]


def batches(events: "Sequence[InputLogEventTypeDef]") -> "Iterator[Sequence[InputLogEventTypeDef]]":
    """Events in parts that one call of `PutLogEvents` takes."""
    begin = size = 0
    for index, event in enumerate(events):
        event_size = len(event["message"].encode()) + EVENT_OVERHEAD_BYTES
        if index - begin == MAX_EVENTS or size + event_size > MAX_BATCH_BYTES:
            yield events[begin:index]
            begin, size = index, 0
        size += event_size
    if begin < len(events):
        yield events[begin:]


def last_lines(log: Path, count: int) -> list[str]:
    """The last lines of a log that are not empty, at most `count`."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        lines = file.read().decode("utf-8", errors="replace").splitlines()
    return [line for line in lines if line.strip()][-count:]
