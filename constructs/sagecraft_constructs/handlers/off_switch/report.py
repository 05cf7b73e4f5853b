"""What was done, in words, for who is told of it."""

from dataclasses import dataclass, field
from decimal import Decimal

_LONGEST_SUBJECT = 99
"""A subject of SNS has less than 100 characters, of ASCII alone."""


@dataclass
class Report:
    """What became of what was found.

    Attributes:
        switch: Which switch tells it.
        function: Its function, for the command that brings things back.
        why: What it was for.
        stopped: What was stopped, and what that saves by the hour; None where no price is known.
        back: What was brought back.
        comes_back: Whether something of what was stopped can be.
        left: What was left as it is, and why.
        failed: What could not be done, and why.
    """

    switch: str
    function: str
    why: str
    stopped: dict[str, Decimal | None] = field(default_factory=dict)
    back: list[str] = field(default_factory=list)
    comes_back: bool = False
    left: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def is_worth_telling(self) -> bool:
        """Whether anything was done or went wrong; what is let alone each time is told with that alone."""
        return bool(self.stopped or self.back or self.failed)

    @property
    def saved(self) -> str:
        """What is saved by the hour."""
        known = [usd for usd in self.stopped.values() if usd is not None]
        least = "at least " if len(known) < len(self.stopped) else ""
        return f"{least}{_usd(sum(known, Decimal(0)))} an hour"

    @property
    def subject(self) -> str:
        """In one line."""
        done = []
        if self.stopped:
            done.append(f"stopped {len(self.stopped)}, which saves {self.saved}")
        if self.back:
            done.append(f"brought {len(self.back)} back")
        if self.failed:
            done.append(f"{len(self.failed)} failed")
        told = f"{self.switch}: {', '.join(done)}"
        return told.encode("ascii", "replace").decode()[:_LONGEST_SUBJECT]

    @property
    def text(self) -> str:
        """All of it."""
        saves = {
            name: "what it cost is not known" if usd is None else f"saves {_usd(usd)} an hour"
            for name, usd in self.stopped.items()
        }
        parts = [
            f"{self.switch}: {self.why}.",
            _part("Stopped", saves),
            f"That saves {self.saved}, by the prices that this switch was deployed with." if self.stopped else "",
            _part("Brought back", dict.fromkeys(self.back, "")),
            _part("Left as it is", self.left),
            _part("Could not be done", self.failed),
            "Bring back all that is off: aws lambda invoke --cli-binary-format raw-in-base64-out --function-name "
            f'{self.function} --payload \'{{"Switch": "On", "All": true}}\' /dev/stdout'
            if self.comes_back
            else "",
        ]
        return "\n\n".join(part for part in parts if part)

    def as_answer(self) -> dict[str, object]:
        """What the function returns."""
        return {
            "Why": self.why,
            "Stopped": {name: None if usd is None else str(usd) for name, usd in self.stopped.items()},
            "BroughtBack": self.back,
            "Left": self.left,
            "Failed": self.failed,
        }


def _part(title: str, told: dict[str, str]) -> str:
    lines = [f"- {name}: {what}" if what else f"- {name}" for name, what in told.items()]
    return "\n".join([f"{title}:", *lines]) if lines else ""


def _usd(amount: Decimal) -> str:
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${amount:.4f}".rstrip("0")
