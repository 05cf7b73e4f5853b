"""What may differ between two deployments of the app in this repository."""

from dataclasses import dataclass
from typing import Any, Self

from constructs import IConstruct

from .errors import UserError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the app, taken from the CDK's context: `cdk.json`, or `--context NAME=VALUE`.

    Attributes:
        alarm_email: Who is told when the month gets dear.
        monthly_usd: From how many US dollars a month on.
    """

    alarm_email: str
    monthly_usd: float

    @classmethod
    def from_context(cls, app: IConstruct) -> Self:
        """Reads the context of an app.

        Raises:
            UserError: With every setting that is missing or wrong.
        """
        email, usd = app.node.try_get_context("alarm_email"), app.node.try_get_context("monthly_usd")
        problems = []
        if not isinstance(email, str):
            problems.append(f"alarm_email: should be an email address, got {email!r}")
        monthly_usd = _number(usd)
        if monthly_usd is None:
            problems.append(f"monthly_usd: should be a number of US dollars, got {usd!r}")
        if not isinstance(email, str) or monthly_usd is None:
            raise UserError("\n".join([*problems, "Set it in the context of cdk.json, or by --context NAME=VALUE."]))
        return cls(alarm_email=email, monthly_usd=monthly_usd)


def _number(value: Any) -> float | None:
    """A number of `cdk.json`, or the text of one from the command line."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
