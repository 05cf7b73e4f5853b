"""The sessions in which work is done as its role."""

from dataclasses import dataclass
from typing import Final, Protocol

from sagecraft_emulator.errors import EmulatorError

SAGEMAKER: Final = "sagemaker.amazonaws.com"


class RoleError(EmulatorError):
    """A role cannot be assumed; the message is for the user."""


@dataclass(frozen=True)
class RoleCredentials:
    """Temporary credentials of a role."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which AWS's libraries take them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


class RoleSessions(Protocol):
    """Gives out credentials of roles, and remembers what was refused to them."""

    @property
    def enforced(self) -> bool:
        """Whether permissions are: then SageMaker itself does the work as the role, too."""

    def credentials(self, role_arn: str, account: str, work: str) -> RoleCredentials:
        """Those with which SageMaker does a piece of work as a role.

        Args:
            role_arn: The role.
            account: Whose work it is.
            work: What tells it from other work, such as `TrainingJob/name`.

        Raises:
            RoleError: The role is not there, or does not trust SageMaker.
        """

    def end(self, work: str) -> None:
        """Ends the sessions of a piece of work that has ended: nothing more is done with their credentials."""

    def denied(self, work: str) -> str | None:
        """The last call that was refused to a piece of work, in a sentence, and what to mend; None without one."""


def cannot_assume(role_arn: str, principal: str = SAGEMAKER) -> RoleError:
    """AWS's words for a role that SageMaker cannot take on."""
    return RoleError(
        f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal '{principal}' to "
        "assume the role."
    )
