"""What a batch transform takes from a record, joins with the prediction, and gives out: JSONPath on CSV and JSON.

A line of CSV is a list of its fields. An object of JSON Lines, or of JSON, is what it is; a JSON file that is a list
is joined item by item.

Source: "Associate Prediction Results with Input Records" in the developer guide.
"""

import csv
import io
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jsonpath_ng import JSONPath, Root
from jsonpath_ng.ext.parser import parse
from jsonpath_ng.jsonpath import Child, Fields, Index, Slice

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
def parse_path(path: str) -> JSONPath:
    """A JSONPath that begins at the record.

    Raises:
        JSONPathError: It is no JSONPath.
        ValueError: It does not begin with `$`, or is too long.
    """
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
        """What the model is given of a record.

        Raises:
            NotOfFormat: The record is not of the content type, or has nothing that the filter selects.
        """
        return self._write(_select(self._read(record), self.input_filter)) if self.changes_input else record

    def result(self, record: bytes, prediction: bytes) -> bytes:
        """What is given out for a record and its prediction.

        Raises:
            NotOfFormat: One of them is not of the content type, or has nothing that the filter selects.
        """
        if not self.changes_output:
            return prediction
        value = self._read(prediction)
        joined = self._join(self._read(record), value) if self.joins else value
        return self._write(_select(joined, self.output_filter))

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
                rows = list(csv.reader([text], strict=True))
                return rows[0] if rows else []
            return json.loads(text)
        except (ValueError, csv.Error) as error:
            raise NotOfFormat(f"it is not {self.content_type}: {error}") from error

    def _write(self, value: Any) -> bytes:
        if self.content_type != CSV:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return line.getvalue().encode()


def _select(value: Any, path: str) -> Any:
    parsed = parse_path(path)
    if isinstance(parsed, Root):
        return value
    matches = parsed.find(value)
    if not matches:
        raise NotOfFormat(f"it has nothing at '{path}'")
    last = parsed.right if isinstance(parsed, Child) else parsed
    if isinstance(last, Fields) and len(last.fields) > 1:
        return {str(match.path): match.value for match in matches}
    single = (isinstance(last, Fields) and last.fields != ("*",)) or (
        isinstance(last, Index) and len(last.indices) == 1
    )
    if single and len(matches) == 1 and not isinstance(last, Slice):
        return matches[0].value
    return [match.value for match in matches]
