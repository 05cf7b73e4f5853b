"""A tuning job as it goes on: live on a terminal, lines elsewhere."""

import time
from typing import Final

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sagecraft_infra.jobs.log import FOLLOW_SECONDS
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.target import Target
from sagecraft_infra.terminal.output import results, status_text, table_of

from .progress import Trial, TuningProgress, take_tuning_progress

_BARS: Final = "▁▂▃▄▅▆▇█"
_LINES_BESIDE_TRIALS: Final = 9


def watch_tuning(target: Target, region: str, kind: JobKind, name: str) -> Job:
    """Shows a tuning job until it ends, and returns it as it is then.

    Raises:
        UserError: There is no such tuning job.
    """
    progress = take_tuning_progress(target, region, kind, name)
    if results.is_terminal:
        with Live(console=results, auto_refresh=False) as live:
            while True:
                rows = max(3, results.height - _LINES_BESIDE_TRIALS)
                live.update(tuning_panel(progress, rows=rows, width=results.width), refresh=True)
                if progress.job.has_ended:
                    return progress.job
                time.sleep(FOLLOW_SECONDS)
                progress = take_tuning_progress(target, region, kind, name)
    told: dict[str, tuple[str, float | None]] = {}
    while True:
        for trial in progress.trials:
            if told.get(trial.name) != (trial.status, trial.value):
                told[trial.name] = (trial.status, trial.value)
                results.print(Text(_line(trial)), soft_wrap=True)
        if progress.job.has_ended:
            results.print(_headline(progress), soft_wrap=True)
            return progress.job
        time.sleep(FOLLOW_SECONDS)
        progress = take_tuning_progress(target, region, kind, name)


def tuning_panel(progress: TuningProgress, *, rows: int, width: int) -> Group:
    """What a terminal shows.

    Args:
        progress: Of the tuning job.
        rows: How many trials are shown: the latest, and the best.
        width: Of the terminal, in characters.
    """
    best = progress.best
    shown = list(progress.trials[-rows:])
    if best is not None and best not in shown:
        shown = [best, *shown[1:]]
    tuned = list(progress.ranges)
    table = table_of("Trial", "Status", progress.metric, *tuned)
    for trial in shown:
        values = [_short(trial.hyperparameters.get(name, "")) for name in tuned]
        value = "" if trial.value is None else f"{trial.value:.6g}"
        label = f"{trial.number:>3}{' ★' if trial is best else ''}"
        table.add_row(label, status_text(trial.status), value, *values, style="bold" if trial is best else None)
    return Group(_headline(progress), _curves(progress, width), table)


def sparkline(values: list[float], width: int) -> str:
    """The values as a line of bars, the lowest for the least of them; the last ones, if there are more than fit."""
    shown = values[-width:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    span = high - low
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1)) if span > 0 else 0] for value in shown)


def _headline(progress: TuningProgress) -> Text:
    counts: dict[str, int] = {}
    for trial in progress.trials:
        counts[trial.status] = counts.get(trial.status, 0) + 1
    of = "" if progress.planned is None else f" of {progress.planned}"
    parts = ", ".join(f"{count} {status}" for status, count in counts.items())
    text = Text.assemble((progress.job.name, "bold"), " ", status_text(progress.job.status))
    text.append(f"   {len(progress.trials)}{of} trials{f': {parts}' if parts else ''}")
    best = progress.best
    if best is not None:
        text.append(f"\nBest {progress.metric} {best.value:.6g}, trial {best.number}: {_tuned(best)}")
    return text


def _curves(progress: TuningProgress, width: int) -> Table:
    values = [value for _, value in progress.valued]
    table = Table.grid(padding=(0, 2, 0, 0))
    room = max(10, width - len(progress.metric) - 32)
    for label, line in ((progress.metric, values), ("best so far", progress.best_so_far())):
        limits = f"{min(line):.4g} … {max(line):.4g}" if line else ""
        table.add_row(Text(label, style="dim"), Text(sparkline(line, room), style="cyan"), Text(limits, style="dim"))
    return table


def _line(trial: Trial) -> str:
    value = "" if trial.value is None else f"  {trial.value:.6g}"
    return f"{trial.number:>3} {trial.status}{value}  {_tuned(trial)}"


def _tuned(trial: Trial) -> str:
    return " ".join(f"{name}={_short(value)}" for name, value in trial.hyperparameters.items())


def _short(value: str) -> str:
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value
