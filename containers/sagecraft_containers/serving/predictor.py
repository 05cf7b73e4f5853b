"""What a serving container asks of a model, and the ways in which a request can be wrong."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from sagecraft_containers.errors import UserError


@dataclass(frozen=True)
class Prediction:
    """An answer.

    Attributes:
        body: Its bytes.
        content_type: Their media type.
        status: A status of the 2xx kind, unless it is the user's code that answers.
    """

    body: bytes
    content_type: str
    status: HTTPStatus = HTTPStatus.OK


class RequestError(UserError):
    """A request that cannot be answered; the message is the answer's body.

    Attributes:
        status: Of the answer.
    """

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Predictor(Protocol):
    """A loaded model. Several threads may call it at the same time."""

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers one request.

        Args:
            body: The request's body.
            content_type: Its `Content-Type`, or None.
            accept: Its `Accept`, or None.

        Raises:
            UserError: The request is wrong; 400, or the status of a `RequestError`.
        """
