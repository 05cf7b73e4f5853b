"""Shows how a deployment goes: a live view in a terminal, else a line for each step."""

import time
from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from sagecraft_infra.deployment.events import StackEvent
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.terminal.output import note, notes


class StackProgress:
    """How far CloudFormation is with one stack.

    Args:
        name: The stack's.
        total: How many resources its template has.
    """

    def __init__(self, name: str, total: int) -> None:
        self.name = name
        self.total = total
        self.status = ""
        self._resources: dict[str, str] = {}
        self._types: dict[str, str] = {}

    def take(self, event: StackEvent) -> None:
        """Takes an event of the stack into account."""
        if event.is_stack:
            self.status = event.status
        else:
            self._resources[event.logical_id] = event.status
            self._types[event.logical_id] = event.resource_type

    @property
    def done(self) -> int:
        """How many resources are as they should be."""
        return sum(status.endswith("_COMPLETE") for status in self._resources.values())

    @property
    def current(self) -> str:
        """What is being worked on."""
        working = [name for name, status in self._resources.items() if status.endswith("_IN_PROGRESS")]
        return f"{self._types[working[-1]]} {working[-1]}" if working else ""


class Progress:
    """The `Watcher` of a deployment that writes to standard error.

    Args:
        quiet: Writes nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._stacks: dict[str, StackProgress] = {}
        self._step = ""
        self._begin = time.monotonic()
        self._live = None if quiet or not notes.is_terminal else Live(self, console=notes, transient=True)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._finish_step()

    def step(self, text: str) -> None:
        """Shows a new step; in the live view the one before stays as a line, with the time that it took."""
        if self._live is not None:
            self._finish_step()
        elif not self._quiet:
            note(text)
        self._step = text
        self._begin = time.monotonic()

    def _finish_step(self) -> None:
        if self._step:
            note(f"{self._step} · {time.monotonic() - self._begin:.0f} s")

    def assembly(self, assembly: Assembly) -> None:
        """Learns how many resources each stack has."""
        self._stacks = {
            stack.name: StackProgress(stack.name, len(stack.template().get("Resources", {})))
            for stack in assembly.stacks
        }

    def event(self, event: StackEvent) -> None:
        """Shows an event."""
        progress = self._stacks.setdefault(event.stack, StackProgress(event.stack, 0))
        progress.take(event)
        if self._quiet:
            return
        if event.is_cause:
            # The reason is told at the end, when the stack has been rolled back.
            note(f"  {event.stack}: {event.logical_id} {event.status}")
        elif event.is_stack and not event.status.endswith("_IN_PROGRESS"):
            note(f"  {event.stack}: {event.status}")
        elif self._live is None and not event.is_stack and event.status.endswith("_COMPLETE"):
            note(f"  {event.stack}: {event.logical_id} {event.status}")

    def __rich__(self) -> Group:
        """What stands below the lines while the work goes on."""
        seconds = int(time.monotonic() - self._begin)
        spinner = Spinner("dots", Text(f"{self._step} · {seconds} s"))
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for stack in self._stacks.values():
            if stack.status.endswith("_IN_PROGRESS"):
                table.add_row(f"  {stack.name}", f"{stack.done}/{stack.total}", Text(stack.current, style="dim"))
        return Group(spinner, table)
