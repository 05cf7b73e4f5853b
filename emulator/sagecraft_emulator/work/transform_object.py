"""Turns one object into its predictions."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from .data_processing import DataProcessing, NotOfFormat
from .job_failure import JobFailed
from .pipe_channel import unpacked
from .record_splitter import split
from .storage import S3Object
from .transform_batch import Batch, batches
from .transform_client import BatchRefused, TransformClient
from .transform_settings import TransformSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES: Final = 1 << 20
_BETWEEN: Final = {"Line": b"\n"}


@dataclass(frozen=True)
class ObjectTransform:
    """What is done with each object of a job.

    Attributes:
        s3: The client of the account and region.
        settings: How the container is asked.
        processing: What is done to records and predictions.
        split_type: What a record is.
        gzip: Whether the objects are gzip files.
        assemble_lines: Whether each prediction ends with a line break.
        cancelled: Whether the job ends.
    """

    s3: "S3Client"
    settings: TransformSettings
    processing: DataProcessing
    split_type: str
    gzip: bool
    assemble_lines: bool
    cancelled: Callable[[], bool]

    def run(self, source: S3Object, client: TransformClient, pool: ThreadPoolExecutor, target: Path) -> None:
        """Writes the predictions of an object to a file, in the order of its records.

        Raises:
            JobFailed: The object cannot be read, or a record of it has no prediction; the message says which.
        """
        waiting: deque[Future[bytes]] = deque()
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("wb") as file:
                for batch in self._batches(source):
                    if self.cancelled():
                        return
                    waiting.append(pool.submit(self._results, source, client, batch))
                    while len(waiting) > self.settings.concurrent:
                        file.write(waiting.popleft().result())
                while waiting:
                    file.write(waiting.popleft().result())
        finally:
            for each in waiting:
                each.cancel()

    def _batches(self, source: S3Object) -> Iterator[Batch]:
        return batches(
            split(self._chunks(source), self.split_type, source.uri),
            self.processing.given,
            uri=source.uri,
            separator=_BETWEEN.get(self.split_type, b""),
            payload_bytes=self.settings.payload_bytes,
            multi_record=self.settings.multi_record and self.split_type != "None",
        )

    def _chunks(self, source: S3Object) -> Iterator[bytes]:
        try:
            chunks = self.s3.get_object(Bucket=source.bucket, Key=source.key)["Body"].iter_chunks(CHUNK_BYTES)
            yield from unpacked(chunks, source) if self.gzip else chunks
        except (BotoCoreError, ClientError) as error:
            raise JobFailed(f"ClientError: Cannot read {source.uri}: {error}") from error

    def _results(self, source: S3Object, client: TransformClient, batch: Batch) -> bytes:
        try:
            answer = client.predictions(batch.body)
        except BatchRefused as error:
            raise self._refused(source, client, batch, error) from error
        if not self.processing.changes_output:
            return self._assembled([answer.removesuffix(b"\n")]) if self.assemble_lines else answer
        predictions = answer.splitlines() if self.split_type == "Line" else [answer]
        if len(predictions) != len(batch.records):
            raise JobFailed(
                f"ClientError: {_where(source, batch)}: the container answered {len(predictions)} predictions for "
                f"{len(batch.records)} records, so they cannot be joined or filtered."
            )
        results = []
        for index, (record, prediction) in enumerate(zip(batch.records, predictions, strict=True)):
            try:
                results.append(self.processing.result(record, prediction))
            except NotOfFormat as error:
                where = _where(source, batch.of_one(index))
                raise JobFailed(f"ClientError: {where}: of its prediction, {error}.") from error
        return self._assembled(results)

    def _assembled(self, results: list[bytes]) -> bytes:
        return b"".join(each + b"\n" for each in results) if self.assemble_lines else b"\n".join(results)

    def _refused(self, source: S3Object, client: TransformClient, batch: Batch, error: BatchRefused) -> JobFailed:
        """Finds the record of a refused batch that the container does not take."""
        if len(batch.records) > 1:
            for index in range(len(batch.records)):
                alone = batch.of_one(index)
                try:
                    client.predictions(alone.body)
                except BatchRefused as own:
                    return JobFailed(f"ClientError: {_where(source, alone)}: {own}")
        return JobFailed(f"ClientError: {_where(source, batch)}: {error}")


def _where(source: S3Object, batch: Batch) -> str:
    last = batch.first + len(batch.records) - 1
    records = f"record {batch.first}" if last == batch.first else f"records {batch.first} to {last}"
    return f"{records} of {source.uri}"
