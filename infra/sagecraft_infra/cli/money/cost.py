"""`sagecraft cost`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import (
    AppOption,
    EnvironmentOption,
    JsonOption,
    PortOption,
    StateDirOption,
    target_of,
)
from sagecraft_infra.cli.terminal.progress import Progress
from sagecraft_infra.deployment.run import Deployment
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.errors import UserError
from sagecraft_infra.money.estimating import base_assembly, estimate_app
from sagecraft_infra.money.measured import last_measured
from sagecraft_infra.money.prices import known_prices
from sagecraft_infra.money.report import Report, usd
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.terminal.output import results, table_of, write_json


def cost(
    *,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            metavar="BASE",
            help="What it costs more than this: a project's folder, or that of its cdk.out.",
        ),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown, as for a pull request.")] = False,
    app: AppOption = None,
    environment: EnvironmentOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what the app of the current folder will cost on AWS, before anything is deployed.

    What stands there is counted for a month of 730 hours, a job at its limit; with what its last run on the emulator
    would have cost, if there was one. Nobody is asked but the emulator, if it runs.
    """
    if markdown and json:
        raise UserError("--markdown and --json are two forms of one answer. Give one of them.")
    chosen = target_of(TargetName.LOCAL, port, state_dir, app, environment=environment)
    book = known_prices()
    base = None
    if compare is not None:
        # Before the app is synthesized: what is compared with may be what it was synthesized to the last time.
        before = base_assembly(compare).located(lambda: chosen.account, lambda: chosen.region)
        base = estimate_app(before, book, NOUNS.costs)
    with Progress(quiet=json or markdown) as progress:
        assembly = Deployment(chosen, progress).synthesize()
    estimate = estimate_app(assembly, book, NOUNS.costs)
    report = Report(
        estimate,
        book,
        datetime.now(UTC).date(),
        last_measured(chosen, chosen.region, estimate.resources, NOUNS.jobs) if _runs(chosen) else {},
        base,
    )
    if json:
        write_json(report.json())
    elif markdown:
        sys.stdout.write(report.markdown())
    else:
        _write(report)


def _runs(target: Target) -> bool:
    return emulator_process.is_ours(target.project.settings)


def _write(report: Report) -> None:
    table = table_of("Resource", "What", "An hour", "A month", "A run at worst")
    for row in report.rows():
        table.add_row(*row)
    results.print(table)
    for what, sums in report.totals():
        if len(sums) > 1 or what != "Stack":
            totals = table_of(what, "A month")
            for name, span in sums.items():
                totals.add_row(name or "(none)", usd(span))
            results.print("", totals, sep="\n")
    results.print(f"\nTogether: {report.total} a month")
    if report.base is not None:
        _write_changes(report)
    for note in report.notes():
        results.print(f"- {note}", markup=False)


def _write_changes(report: Report) -> None:
    table = table_of("Changed", "Before", "Now", "Change")
    for row in report.changed():
        table.add_row(*row)
    if table.row_count:
        results.print("", table, sep="\n")
    else:
        results.print("Nothing costs otherwise than before.")
