"""Findings as people read them."""

from typing import Final

from rich.text import Text

from sagecraft_infra.deployment.diagnosis import Finding, Severity
from sagecraft_infra.terminal.output import results

_MARKS: Final = {
    Severity.OK: ("ok", "green"),
    Severity.NOTE: ("note", "yellow"),
    Severity.MISSING: ("missing", "bold red"),
}


def write_finding(finding: Finding) -> None:
    """Writes a finding, and what mends it."""
    word, style = _MARKS[finding.severity]
    results.print(Text.assemble((f"{word:8}", style), f"{finding.subject}: {finding.detail}"), soft_wrap=True)
    if finding.mend is not None:
        results.print(Text.assemble(" " * 8, "run: ", (finding.mend, "bold")), soft_wrap=True)
