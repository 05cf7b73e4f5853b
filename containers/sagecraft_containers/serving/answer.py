"""Predictions in the media types that AWS's XGBoost container answers."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import numpy.typing as npt

from sagecraft_containers.data.content_type import split_media_type

from .predictor import Prediction, RequestError

Scores = npt.NDArray[Any]
"""Shape (rows,), or (rows, outputs) for a model that answers several numbers a row."""

CSV: Final = "text/csv"
_ANY: Final = frozenset({"", "*/*", "text/*"})


def to_csv(scores: Scores) -> bytes:
    """One line, the rows' scores with commas between them; a row of several scores is a list in brackets."""
    return ",".join(map(str, scores.tolist())).encode()


def to_csv_lines(scores: Scores) -> bytes:
    """A line per row, as batch transform assembles them."""
    return "".join(f"{row}\n" for row in scores.tolist()).encode()


def to_json(scores: Scores) -> bytes:
    """`{"predictions": [{"score": …}, …]}`."""
    return json.dumps({"predictions": [{"score": row} for row in scores.tolist()]}).encode()


def to_json_lines(scores: Scores) -> bytes:
    """`{"score": …}` on a line per row."""
    return "".join(f"{json.dumps({'score': row})}\n" for row in scores.tolist()).encode()


def to_recordio_protobuf(scores: Scores) -> bytes:
    """A record per row, with the scores as its label `score`."""
    from sagecraft_containers.data.recordio_protobuf import write_label_records  # noqa: PLC0415 - slow to import

    return write_label_records("score", scores.reshape(len(scores), -1))


WRITERS: Final[Mapping[str, Callable[[Scores], bytes]]] = {
    CSV: to_csv,
    "application/json": to_json,
    "application/jsonlines": to_json_lines,
    "application/x-recordio-protobuf": to_recordio_protobuf,
}


def accepted_type(accept: str | None, default: str) -> str:
    """The first media type of an `Accept` header that can be answered, or `default` where it takes any.

    Raises:
        RequestError: 406, none of them can.
    """
    for choice in (accept or "").split(","):
        media_type = split_media_type(choice)[0]
        if media_type in _ANY:
            return default
        if media_type in WRITERS:
            return media_type
    raise RequestError(
        HTTPStatus.NOT_ACCEPTABLE, f"Accept '{accept}' is not supported; use one of {', '.join(WRITERS)}."
    )


def answer(scores: Scores, media_type: str, *, batch: bool) -> Prediction:
    """Writes scores as a media type that `accepted_type` gave."""
    writer = to_csv_lines if batch and media_type == CSV else WRITERS[media_type]
    return Prediction(writer(scores), f"{CSV}; charset=utf-8" if media_type == CSV else media_type)
