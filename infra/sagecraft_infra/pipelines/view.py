"""A run of a pipeline as it goes on: a live tree on a terminal, lines elsewhere."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from sagecraft_infra.jobs.log import FOLLOW_SECONDS
from sagecraft_infra.target import Target
from sagecraft_infra.terminal.output import results

from .run import NOT_RUN, Run, StepState, take_run

_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "Succeeded": ("✓", "green"),
    "Failed": ("✗", "red"),
    "Stopped": ("■", "red"),
    "Stopping": ("■", "yellow"),
    "Executing": ("▶", "yellow"),
    "Starting": ("▶", "yellow"),
    NOT_RUN: ("○", "dim"),
}
_WAITS: Final = ("·", "dim")


def watch_run(target: Target, region: str, arn: str) -> Run:
    """Shows a run until it ends, and returns it as it is then.

    Raises:
        UserError: There is no such run.
    """
    run = take_run(target, region, arn)
    if results.is_terminal:
        with Live(console=results, auto_refresh=False) as live:
            while True:
                live.update(run_tree(run, datetime.now(UTC)), refresh=True)
                if run.has_ended:
                    return run
                time.sleep(FOLLOW_SECONDS)
                run = take_run(target, region, arn)
    told: dict[str, str] = {}
    while True:
        for step in run.steps:
            if step.began is not None and told.get(step.definition.name) != step.status:
                told[step.definition.name] = step.status
                results.print(_line(step, datetime.now(UTC)), soft_wrap=True)
        if run.has_ended:
            results.print(run_tree(run, datetime.now(UTC)), soft_wrap=True)
            return run
        time.sleep(FOLLOW_SECONDS)
        run = take_run(target, region, arn)


def run_tree(run: Run, now: datetime) -> Tree:
    """A run as a tree: the steps in the order in which they can be done, those of a condition below it."""
    until = run.changed if run.has_ended else now
    head = Text.assemble((f"{run.pipeline} ", "bold"), f"{run.id}  ", _status(run.status))
    head.append(f"  {time_of(max(0.0, (until - run.began).total_seconds()))}")
    if run.reason:
        head.append(f"\n{run.reason}", "red")
    tree = Tree(head)
    places: dict[tuple[str, str], Tree] = {}
    nodes: dict[str, Tree] = {}
    for step in run.steps:
        branch = step.definition.branch
        parent = tree
        if branch is not None:
            if branch not in places:
                places[branch] = nodes.get(branch[0], tree).add(Text(branch[1], style="dim"))
            parent = places[branch]
        nodes[step.definition.name] = parent.add(_line(step, now))
    return tree


def _line(step: StepState, now: datetime) -> Text:
    sign, style = _SIGNS.get(step.status, _WAITS)
    line = Text.assemble((f"{sign} ", style), (step.definition.name, "bold"), f"  {step.definition.type}  ")
    line.append(step.status, style)
    seconds = step.seconds(now)
    if seconds is not None:
        line.append(f"  {time_of(seconds)}")
    if step.outcome:
        line.append(f"  {step.outcome}")
    if step.cached:
        line.append("  taken from an earlier run", "dim")
    if step.reason:
        line.append(f"\n  {step.reason}", "red")
    return line


def _status(status: str) -> tuple[str, str]:
    return status, _SIGNS.get(status, _WAITS)[1]


def time_of(seconds: float) -> str:
    """Such as `7 s`, `2:05 min`, `1:02:05 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"
