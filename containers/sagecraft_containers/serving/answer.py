"""Predictions in the media types that AWS's XGBoost container answers.

Source: `encoders` of `aws/sagemaker-containers`, and `algorithm_mode/serve.py` of `aws/sagemaker-xgboost-container`.
"""

import io
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .predictor import Prediction, RequestError

Scores = npt.NDArray[Any]
"""Shape (rows,), or (rows, outputs) for a model that answers several numbers a row."""

CSV: Final = "text/csv"
JSON: Final = "application/json"
JSON_LINES: Final = "application/jsonlines"
RECORDIO_PROTOBUF: Final = "application/x-recordio-protobuf"
ACCEPTED: Final = (JSON, JSON_LINES, RECORDIO_PROTOBUF, CSV)
"""What `Accept` may ask for; not every answer can be written as each of them."""


def to_csv(scores: Scores) -> bytes:
    """A line per row, with commas between the row's values."""
    if scores.ndim == 1:
        return "".join(f"{row}\n" for row in scores.tolist()).encode()
    return "".join(f"{','.join(map(str, row))}\n" for row in scores.tolist()).encode()


def to_csv_line(scores: Scores) -> bytes:
    """One line, with commas between the rows; a row of several values is a list in brackets."""
    return ",".join(map(str, scores.tolist())).encode()


def to_lines(scores: Scores) -> bytes:
    """A line per row, as batch transform gets them whatever it accepts; a row of several values is a list."""
    return "".join(f"{row}\n" for row in scores.tolist()).encode()


def to_json(scores: Scores) -> bytes:
    """`{"predictions": [{"score": …}, …]}`."""
    return json.dumps({"predictions": [{"score": row} for row in scores.tolist()]}).encode()


def to_npy(scores: Scores) -> bytes:
    """NumPy's own format."""
    file = io.BytesIO()
    np.save(file, scores.astype(np.float64))
    return file.getvalue()


WRITERS: Final[Mapping[str, Callable[[Scores], bytes]]] = {CSV: to_csv, JSON: to_json, "application/x-npy": to_npy}


def accepted_type(accept: str | None, default: str) -> str:
    """The media type that an `Accept` header asks for, or `default` where it takes any.

    Raises:
        RequestError: 406, it asks for another one, or for several.
    """
    media_type = (accept or "").partition(";")[0].strip()
    if media_type in {"", "*/*"}:
        return default
    if media_type.lower() not in ACCEPTED:
        raise RequestError(
            HTTPStatus.NOT_ACCEPTABLE, f"Accept '{accept}' is not supported; use one of {', '.join(ACCEPTED)}."
        )
    return media_type.lower()


def answer(scores: Scores, media_type: str) -> Prediction:
    """Writes scores as a media type that `accepted_type` gave.

    Raises:
        RequestError: 500, as AWS's container answers where the type is accepted, but scores alone are not written so.
    """
    writer = WRITERS.get(media_type)
    if writer is None:
        raise RequestError(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            f"Scores are not written as '{media_type}', as by AWS's container; accept one of {', '.join(WRITERS)}, or "
            "say what an answer holds by the environment variable SAGEMAKER_INFERENCE_OUTPUT.",
        )
    return written(writer(scores), media_type)


def written(body: bytes, media_type: str) -> Prediction:
    """An answer of a media type; text says its charset."""
    return Prediction(body, f"{CSV}; charset=utf-8" if media_type == CSV else media_type)
