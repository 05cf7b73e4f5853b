"""Answers as `output_fn` and `transform_fn` may give them: `worker.Response`."""

from collections.abc import Mapping
from typing import Any

from sagemaker_training import content_types


class Response:
    """An answer to a request, with the parameters and attributes of the older toolkit's, which was Flask's.

    Args:
        response: Its body.
        accept: Not looked at, as in the toolkit.
        status: Its HTTP status.
        headers: Of HTTP; the container passes the media type on alone.
        mimetype: Its media type; JSON when None.
        direct_passthrough: Not looked at.
    """

    default_mimetype = content_types.JSON

    def __init__(
        self,
        response: str | bytes | None = None,
        accept: str | None = None,  # noqa: ARG002 - the toolkit fixes the parameters
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        mimetype: str | None = None,
        direct_passthrough: bool = False,  # noqa: ARG002
    ) -> None:
        self.response = response
        self.status_code = int(status)
        self.headers = dict(headers or {})
        self.mimetype = mimetype or self.default_mimetype

    @property
    def data(self) -> bytes:
        """The body's bytes."""
        return self.get_data()

    def get_data(self) -> bytes:
        """The body's bytes."""
        body = b"" if self.response is None else self.response
        return body.encode() if isinstance(body, str) else bytes(body)


def __getattr__(name: str) -> Any:
    if name in {"Worker", "Request"}:
        raise ImportError(
            f"sagemaker_containers.beta.framework.worker.{name} serves by Flask, which this container does not; "
            "write model_fn, input_fn, predict_fn and output_fn, or transform_fn, in the script."
        )
    raise AttributeError(f"sagemaker_containers.beta.framework.worker has no '{name}'.")
