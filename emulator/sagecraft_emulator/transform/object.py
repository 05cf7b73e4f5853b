"""Turns one object into its predictions."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.data.pipe_channel import unpacked
from sagecraft_emulator.data.record_splitter import split
from sagecraft_emulator.data.storage import S3Object
from sagecraft_emulator.errors import JobFailed

from .batch import Batch, batches
from .client import BatchRefused, TransformClient
from .data_processing import DataProcessing, NotOfFormat
from .settings import MAX_PAYLOAD_MB, MIB, TransformSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES: Final = 1 << 20
_BETWEEN: Final = {"Line": b"\n"}
_CLIENT_ERRORS: Final = range(400, 500)


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

    def run(self, source: S3Object, client: TransformClient, target: Path) -> None:
        """Writes the predictions of an object to a file, in the order of its records.

        Raises:
            JobFailed: The object cannot be read, or a record of it has no prediction; the message says which.
        """
        waiting: deque[Future[bytes]] = deque()
        target.parent.mkdir(parents=True, exist_ok=True)
        read = self._batches(source)
        try:
            with target.open("wb") as file:
                while not self.cancelled():
                    self._take_slot(client, waiting, file)
                    batch = next(read, None)
                    if batch is None:
                        client.slots.release()
                        break
                    waiting.append(client.submit(partial(self._results, source, client, batch)))
                while waiting and not self.cancelled():
                    _write_first(client, waiting, file)
        finally:
            for each in waiting:
                each.cancel()
                client.slots.release()

    def _take_slot(self, client: TransformClient, waiting: deque[Future[bytes]], file: BinaryIO) -> None:
        """Takes a slot; gives back one's own first when there is none, so that no two objects wait for each other."""
        while not client.slots.acquire(blocking=not waiting):
            _write_first(client, waiting, file)

    def _batches(self, source: S3Object) -> Iterator[Batch]:
        payload_bytes, multi_record = self.settings.payload_bytes, self.settings.multi_record
        record_bytes = payload_bytes
        if payload_bytes is not None and self.processing.changes_input:
            record_bytes = MAX_PAYLOAD_MB * MIB  # what the model is given of it may be small enough
        return batches(
            split(
                self._chunks(source),
                self.split_type,
                source.uri,
                max_bytes=record_bytes,
                unwrap=not multi_record,
            ),
            self.processing.given,
            uri=source.uri,
            separator=_BETWEEN.get(self.split_type, b""),
            payload_bytes=payload_bytes,
            multi_record=multi_record and self.split_type != "None",
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
                f"{len(batch.records)} records, so they cannot be joined or filtered. It must answer each record on a "
                "line of its own: where that is JSON, ask for it by the Accept application/jsonlines."
            )
        results = []
        for index, (record, prediction) in enumerate(zip(batch.records, predictions, strict=True)):
            try:
                results.append(self.processing.result(record, prediction))
            except NotOfFormat as error:
                where = _where(source, batch.part(index, index + 1))
                raise JobFailed(f"ClientError: {where}: of its prediction, {error}.") from error
        return self._assembled(results)

    def _assembled(self, results: list[bytes]) -> bytes:
        return b"".join(each + b"\n" for each in results) if self.assemble_lines else b"\n".join(results)

    def _refused(self, source: S3Object, client: TransformClient, batch: Batch, error: BatchRefused) -> JobFailed:
        """Finds the record of a refused batch that the container does not take, by halves."""
        while error.status is not None and len(batch.records) > 1 and not self.cancelled():
            middle = len(batch.records) // 2
            for half in (batch.part(0, middle), batch.part(middle, len(batch.records))):
                try:
                    client.predictions(half.body)
                except BatchRefused as of_half:
                    batch, error = half, of_half
                    break
            else:
                break  # it takes each half, and refuses both together
        fault = "ClientError" if error.status in _CLIENT_ERRORS else "AlgorithmError"
        return JobFailed(f"{fault}: {_where(source, batch)}: {error}")


def _write_first(client: TransformClient, waiting: deque[Future[bytes]], file: BinaryIO) -> None:
    file.write(waiting[0].result())
    waiting.popleft()
    client.slots.release()


def _where(source: S3Object, batch: Batch) -> str:
    last = batch.first + len(batch.records) - 1
    records = f"record {batch.first}" if last == batch.first else f"records {batch.first} to {last}"
    return f"{records} of {source.uri}"
