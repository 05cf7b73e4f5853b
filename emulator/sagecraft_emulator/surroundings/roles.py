"""Whether SageMaker may assume the roles that a request hands to it."""

from collections.abc import Callable, Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.passed_roles import passed_roles
from sagecraft_emulator.authorization.role_session import RoleError
from sagecraft_emulator.data.model_data import ModelData, could_not_access
from sagecraft_emulator.errors import ApiError, validation_error


class TrustCheck:
    """Refuses requests with roles that SageMaker cannot assume.

    Args:
        check_trust: Passes a role that SageMaker may assume for an account, or raises `RoleError`.
    """

    def __init__(self, check_trust: Callable[[str, str], None]) -> None:
        self._check_trust = check_trust

    def __call__(self, request: Mapping[str, Any], caller: Caller) -> None:
        """Checks one request.

        Raises:
            ApiError: A role is of another account, is not there, or does not trust SageMaker.
        """
        for role_arn in passed_roles(request):
            if role_arn.split(":")[4:5] not in ([], [caller.account]):
                raise ApiError("AccessDeniedException", "Cross-account pass role is not allowed.")
            try:
                self._check_trust(role_arn, caller.account)
            except RoleError as error:
                raise validation_error(_words(request, role_arn, caller, error)) from error


def _words(request: Mapping[str, Any], role_arn: str, caller: Caller, error: RoleError) -> str:
    """What is said of a role that cannot be assumed; `CreateModel` tells it of the data that it wanted to read."""
    container: Mapping[str, Any] = request.get("PrimaryContainer") or next(iter(request.get("Containers", [])), {})
    data = ModelData.of_container(container)
    return str(error) if data is None else could_not_access(data.uri, role_arn, caller.region)
