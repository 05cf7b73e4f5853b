"""What the commands write: results to standard output, everything else to standard error."""

import dataclasses
import json
import sys
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

# A file or a pipe has no width: names must not be broken there.
results: Final = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
notes: Final = Console(stderr=True, highlight=False, soft_wrap=True)

_GOOD: Final = ("COMPLETE", "Completed", "InService")
_NUMBERS: Final = frozenset({"Seconds", "Waited s", "Instances", "Objective", "Cores"})
_BAD: Final = ("FAILED", "Failed", "ROLLBACK")


def write_json(value: Any) -> None:
    """Writes a value as JSON; dataclasses become objects."""
    sys.stdout.write(json.dumps(value, indent=2, default=_plain) + "\n")


def note(text: str) -> None:
    """Writes a line about what happens, which is no result."""
    notes.print(Text(text))


def write_error(text: str) -> None:
    """Writes what went wrong."""
    notes.print(Text.assemble(("Error: ", "bold red"), text))


def table_of(*columns: str) -> Table:
    """A table without lines; the names in its first column stay in one piece."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        justify: Literal["right", "left"] = "right" if column in _NUMBERS else "left"
        # A name is there to be copied, so it stays in one piece.
        table.add_column(column, overflow="fold", justify=justify, no_wrap=column == columns[0])
    return table


def status_text(status: str) -> Text:
    """A status, in the colour of what it means."""
    if any(part in status for part in _BAD):
        return Text(status, style="red")
    return Text(status, style="green" if any(part in status for part in _GOOD) else "yellow")


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
