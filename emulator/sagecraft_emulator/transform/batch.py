"""The mini-batches of a batch transform: as many records as a request may hold, none of them cut."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sagecraft_emulator.data.record_splitter import too_large
from sagecraft_emulator.errors import JobFailed

from .data_processing import NotOfFormat


@dataclass
class Batch:
    """Records that are asked about in one request.

    Attributes:
        first: The number of the first in its object, from 1.
        separator: Stands between two records in a request.
        records: As they stand in the object.
        given: What the model is given of them.
    """

    first: int
    separator: bytes
    records: list[bytes] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """Of the request."""
        return self.separator.join(self.given)

    def part(self, begin: int, end: int) -> "Batch":
        """Some of the records alone, by their index in the batch."""
        return Batch(self.first + begin, self.separator, self.records[begin:end], self.given[begin:end])


def batches(
    records: Iterable[bytes],
    give: Callable[[bytes], bytes],
    *,
    uri: str,
    separator: bytes,
    payload_bytes: int | None,
    multi_record: bool,
) -> Iterator[Batch]:
    """Groups records.

    Args:
        records: Of one object.
        give: Makes what the model is given of a record.
        uri: What the object is called in messages.
        separator: Stands between two records in a request.
        payload_bytes: What a request may hold; None for no limit.
        multi_record: Whether a request may hold several records.

    Raises:
        JobFailed: A record alone is too large, or is not of its content type.
    """
    batch, size = Batch(1, separator), 0
    for number, record in enumerate(records, start=1):
        try:
            given = give(record)
        except NotOfFormat as error:
            raise JobFailed(f"ClientError: record {number} of {uri}: {error}.") from error
        if payload_bytes is not None and len(given) > payload_bytes:
            raise too_large(number, uri, f"has {len(given):,} bytes", payload_bytes)
        grown = size + len(given) + (len(separator) if batch.given else 0)
        if batch.given and (not multi_record or (payload_bytes is not None and grown > payload_bytes)):
            yield batch
            batch, grown = Batch(number, separator), len(given)
        batch.records.append(record)
        batch.given.append(given)
        size = grown
    if batch.given:
        yield batch
