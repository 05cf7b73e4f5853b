"""What a batch transform takes from a record, joins with the prediction, and gives out: JSONPath on CSV and JSON.

A line of CSV is a list of its fields. An object of JSON Lines, or of JSON, is what it is; a JSON file that is a list
is joined item by item.

Source: "Associate Prediction Results with Input Records" in the developer guide.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath

# Its parser is slow to import, and only a job that processes its data needs it.
# ruff: noqa: PLC0415

CSV: Final = "text/csv"
JSON_LINES: Final = "application/jsonlines"
JSON: Final = "application/json"
FORMATS: Final = frozenset({CSV, JSON_LINES, JSON})
INPUT_KEY: Final = "SageMakerInput"
OUTPUT_KEY: Final = "SageMakerOutput"
_MAX_PATH: Final = 63


class NotOfFormat(ValueError):
    """A record, or a prediction, is not what its content type says."""


@cache
def parse_path(path: str) -> "JSONPath":
    """A JSONPath that begins at the record.

    Raises:
        JSONPathError: It is no JSONPath.
        ValueError: It does not begin with `$`, or is too long.
    """
    from jsonpath_ng.ext.parser import parse

    if not path.startswith("$"):
        raise ValueError("it must begin with '$'")
    if len(path) > _MAX_PATH:
        raise ValueError(f"it has {len(path)} characters, at most {_MAX_PATH} are allowed")
    return parse(path)


@dataclass(frozen=True)
class DataProcessing:
    """What is done to each record and its prediction.

    Attributes:
        content_type: Of the records and of the predictions: one of `FORMATS`.
        input_filter: What of a record the model is given.
        output_filter: What of the record joined with its prediction is given out.
        joins: Whether the prediction is joined to its record.
    """

    content_type: str
    input_filter: str = "$"
    output_filter: str = "$"
    joins: bool = False

    @property
    def changes_input(self) -> bool:
        """Whether the model is given something else than the record."""
        return self.input_filter != "$"

    @property
    def changes_output(self) -> bool:
        """Whether something else than the prediction is given out, so that each record needs one of its own."""
        return self.joins or self.output_filter != "$"

    def given(self, record: bytes) -> bytes:
        """What the model is given of a record, or of each line of a payload that has several.

        Raises:
            NotOfFormat: The record is not of the content type, or has nothing that the filter selects.
        """
        if not self.changes_input:
            return record
        return b"\n".join([self._write(_select(self._read(line), self.input_filter)) for line in self._lines(record)])

    def result(self, record: bytes, prediction: bytes) -> bytes:
        """What is given out for a record and its prediction, or for each line of those that have several.

        Raises:
            NotOfFormat: One of them is not of the content type, or has nothing that the filter selects, or there are
                not as many predictions as records.
        """
        if not self.changes_output:
            return prediction
        predictions = self._lines(prediction)
        if not self.joins:
            return b"\n".join([self._write(_select(self._read(line), self.output_filter)) for line in predictions])
        records = self._lines(record)
        if len(records) != len(predictions):
            raise NotOfFormat(f"it has {len(predictions)} lines, but its input has {len(records)}")
        joined = [
            self._join(self._read(one), self._read(other)) for one, other in zip(records, predictions, strict=True)
        ]
        return b"\n".join([self._write(_select(each, self.output_filter)) for each in joined])

    def _lines(self, payload: bytes) -> list[bytes]:
        """The records of a payload, which are its lines but for a JSON document."""
        return payload.splitlines() if self.content_type != JSON else [payload]

    def _join(self, record: Any, prediction: Any) -> Any:
        if self.content_type == CSV:
            return [*record, *prediction]
        if isinstance(record, list) and isinstance(prediction, list) and len(record) == len(prediction):
            return [self._join(one, other) for one, other in zip(record, prediction, strict=True)]
        if isinstance(record, dict):
            return {**record, OUTPUT_KEY: prediction}
        return {INPUT_KEY: record, OUTPUT_KEY: prediction}

    def _read(self, record: bytes) -> Any:
        try:
            text = record.decode()
            if self.content_type == CSV:
                if text and '"' not in text:
                    return text.split(",")
                rows = list(csv.reader([text], strict=True))
                return rows[0] if rows else []
            return json.loads(text)
        except (ValueError, csv.Error) as error:
            raise NotOfFormat(f"it is not {self.content_type}: {error}") from error

    def _write(self, value: Any) -> bytes:
        if self.content_type != CSV:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        fields = value if isinstance(value, list) else [value]
        plain = ",".join(fields)
        if plain and '"' not in plain and plain.count(",") == len(fields) - 1:
            return plain.encode()
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(fields)
        return line.getvalue().encode()


def _select(value: Any, path: str) -> Any:
    return _selection(path)(value)


@cache
def _selection(path: str) -> Callable[[Any], Any]:
    """What takes from a value that which a path selects; made once for each path, since there may be many records."""
    from jsonpath_ng import Root
    from jsonpath_ng.jsonpath import Child, Fields, Index

    parsed = parse_path(path)
    if isinstance(parsed, Root):
        return lambda value: value
    last = parsed.right if isinstance(parsed, Child) else parsed
    names = isinstance(last, Fields) and len(last.fields) > 1
    one = (isinstance(last, Fields) and last.fields != ("*",)) or (isinstance(last, Index) and len(last.indices) == 1)

    def general(value: Any) -> Any:
        matches = parsed.find(value)
        if not matches:
            raise NotOfFormat(f"it has nothing at '{path}'")
        if names:
            return {str(match.path): match.value for match in matches}
        return matches[0].value if one and len(matches) == 1 else [match.value for match in matches]

    fast = _of_list(last) if isinstance(parsed, Child) and isinstance(parsed.left, Root) else None
    return general if fast is None else partial(_try_fast, fast, general)


def _of_list(step: "JSONPath") -> Callable[[list[Any]], Any] | None:
    """The quick way of a step that takes items of a list, if it is one: jsonpath-ng makes an object of each match."""
    from jsonpath_ng.jsonpath import Index, Slice

    match step:
        case Index(indices=indices):
            return itemgetter(*indices)
        case Slice(start=start, end=end, step=step_size):
            return itemgetter(slice(start, end, step_size))
        case _:
            return None


def _try_fast(fast: Callable[[list[Any]], Any], general: Callable[[Any], Any], value: Any) -> Any:
    """The quick way, or the general one for what is no list, or lacks something."""
    try:
        found = fast(value) if isinstance(value, list) else None
    except IndexError:
        found = None
    if isinstance(found, tuple):
        return list(found)
    return found or general(value)
