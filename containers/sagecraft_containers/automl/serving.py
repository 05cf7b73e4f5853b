"""`serve`: answers to raw rows, with text and missing values as they stand in the files.

What an answer holds of each row is chosen by `SAGEMAKER_INFERENCE_OUTPUT`. Source: "Configure inference output in
generated containers" of the SageMaker developer guide.
"""

import json
import os
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from sagecraft_catalog import AUTOML_RESPONSE_KEYS

from sagecraft_containers.automl.data.files import read_rows
from sagecraft_containers.automl.data.target import Target
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.contract import INFERENCE_ACCEPT_VARIABLE, INFERENCE_OUTPUT_VARIABLE, ContainerPaths
from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.accept import accepted
from sagecraft_containers.serving.answer import CSV, JSON, JSON_LINES, written
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction, RequestError
from sagecraft_containers.serving.server import application, serve

_WRITTEN: Final = (CSV, JSON, JSON_LINES)


class TablePredictor:
    """Answers by a model.

    Args:
        model: Which.
        environment: With the choice of what an answer holds.

    Raises:
        UserError: The choice is of something that the model has not.
    """

    def __init__(self, model: Model, environment: Mapping[str, str] = os.environ) -> None:
        self._model = model
        self._offered = _offered(environment.get(INFERENCE_ACCEPT_VARIABLE, CSV))
        self._keys = _chosen(model.target, environment.get(INFERENCE_OUTPUT_VARIABLE, ""))

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers rows of CSV without header and target, or of JSON: `{"instances": [{"features": […]}, …]}`.

        Raises:
            RequestError: The content type, or what is accepted, is another.
            UserError: The rows are not those of the model.
        """
        rows = _rows(body, content_type or CSV)
        media_type = accepted(accept, self._offered).media_type
        if not rows:
            raise RequestError(HTTPStatus.BAD_REQUEST, "The request has no rows.")
        return _written([self._row(answer) for answer in self._model.answers(rows)], media_type)

    def _row(self, answer: Any) -> dict[str, Any]:
        target = self._model.target
        if not target.problem.is_classification:
            return {"predicted_label": float(answer)}
        place = int(answer.argmax())
        told = 1 if self._model.of_search and target.problem is ProblemType.BINARY else place
        values = {
            "predicted_label": target.classes[place],
            "probability": float(answer[told]),
            "probabilities": [float(value) for value in answer],
            "labels": list(target.classes),
        }
        return {key: values[key] for key in self._keys}


def _offered(default: str) -> list[str]:
    """What an answer can be written as, first what it is where a request takes anything."""
    first = split_media_type(default)[0]
    if first not in _WRITTEN:
        raise UserError(f"{INFERENCE_ACCEPT_VARIABLE} is '{default}', but must be one of {', '.join(_WRITTEN)}.")
    return [first, *(each for each in _WRITTEN if each != first)]


def _chosen(target: Target, given: str) -> list[str]:
    keys = [key.strip() for key in given.split(",") if key.strip()] or ["predicted_label"]
    allowed = AUTOML_RESPONSE_KEYS if target.problem.is_classification else AUTOML_RESPONSE_KEYS[:1]
    unknown = [key for key in keys if key not in allowed]
    if unknown:
        raise UserError(
            f"{INFERENCE_OUTPUT_VARIABLE} asks for '{unknown[0]}', which a model of a {target.problem} problem has "
            f"not; it has {', '.join(allowed)}."
        )
    return keys


def _rows(body: bytes, content_type: str) -> list[list[str | None]]:
    media_type, _ = split_media_type(content_type)
    if media_type == CSV:
        return read_rows(body)
    if media_type != JSON:
        raise RequestError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type '{content_type}' is not supported; use {CSV} or {JSON}."
        )
    try:
        instances = json.loads(body)["instances"]
        rows = [instance["features"] for instance in instances]
        return [[None if cell is None else str(cell) for cell in row] for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            HTTPStatus.BAD_REQUEST, 'The body is not JSON of the form {"instances": [{"features": […]}, …]}.'
        ) from error


def _written(rows: Sequence[Mapping[str, Any]], media_type: str) -> Prediction:
    match media_type:
        case "application/json":
            return written(json.dumps({"predictions": rows}).encode(), JSON)
        case "application/jsonlines":
            return written("".join(f"{json.dumps(row)}\n" for row in rows).encode(), JSON_LINES)
        case _:
            return written("".join(f"{','.join(map(_cell, row.values()))}\n" for row in rows).encode(), CSV)


def _cell(value: Any) -> str:
    """A cell of CSV: a list in quotes, as AWS's containers write it, and text as CSV needs it."""
    text = str(value)
    return (
        f'"{text.replace(chr(34), chr(34) * 2)}"' if isinstance(value, list) or any(c in text for c in ',"\n') else text
    )


def load() -> TablePredictor:
    """Loads the model of the container."""
    return TablePredictor(Model.load(ContainerPaths.from_environment().model_directory))


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=False)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.automl.serving:make_application", load)
