"""Whether SageMaker may assume the roles that a request hands to it."""

from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import validation_error

from .passed_roles import passed_roles
from .role_session import RoleError, RoleSessions


class TrustCheck:
    """Refuses requests with roles that SageMaker cannot assume.

    Args:
        sessions: Knows which roles it may assume, where the host enforces permissions.
    """

    def __init__(self, sessions: RoleSessions | None) -> None:
        self._sessions = sessions

    def __call__(self, request: Mapping[str, Any], caller: Caller) -> None:
        """Checks one request.

        Raises:
            ApiError: A role is not there, or does not trust SageMaker.
        """
        if self._sessions is None:
            return
        for role_arn in passed_roles(request):
            try:
                self._sessions.check_trust(role_arn, caller.account)
            except RoleError as error:
                raise validation_error(str(error)) from error
