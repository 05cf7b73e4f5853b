"""A service of AWS's whose requests are checked by its model, as SageMaker's are."""

from collections.abc import Callable, Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.json_protocol import HttpResponse, answered
from sagecraft_emulator.api.service_model import operation_model, parse_request, service_model, shape_response
from sagecraft_emulator.errors import not_done

Operation = Callable[[Caller, dict[str, Any]], Mapping[str, Any]]


class JsonService:
    """A service that speaks JSON 1.1. Safe for use from several threads, if its operations are.

    Args:
        service: botocore's name of it, which policies have, too.
        operations: What it does, by name.
    """

    def __init__(self, service: str, operations: Mapping[str, Operation]) -> None:
        self.name, self.operations = service, operations

    def call(self, operation: str, request: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Does one operation.

        Raises:
            ApiError: What AWS would answer, or that the operation is not done here.
        """
        model = operation_model(operation, self.name)
        behaviour = self.operations.get(operation)
        if behaviour is None:
            title, done = service_model(self.name).metadata["serviceFullName"], ", ".join(sorted(self.operations))
            raise not_done(f"The operation '{operation}' of {title} is not done by this emulator. It does: {done}.")
        return shape_response(model, behaviour(caller, parse_request(model, request)))

    def handle(self, headers: Mapping[str, str], body: bytes, caller: Caller) -> HttpResponse:
        """Answers one HTTP request; header names are lower case."""
        prefix = f"{service_model(self.name).metadata['targetPrefix']}."
        return answered(prefix, headers, body, lambda operation, asked: self.call(operation, asked, caller))
