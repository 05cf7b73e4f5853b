"""`sagecraft leftovers`."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import (
    EndpointUrlOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.deployment.left_behind.finding import leftovers as find_leftovers
from sagecraft_infra.deployment.left_behind.finding import remove
from sagecraft_infra.deployment.left_behind.leftover import Leftover
from sagecraft_infra.errors import UserError, WorkFailed
from sagecraft_infra.money.prices import known_prices
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.terminal.output import note, results, table_of, write_json


def leftovers(
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Remove what is left, after asking.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --delete: do not ask.")] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="KEY=VALUE", help="What has this tag and is in no stack is left, too."),
    ] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what the app has left behind, why, what it costs a month, and the command that removes it.

    On the project's own emulator that is whatever stands in no stack. On AWS it is what the stacks of the app had or
    kept, by CloudFormation's events, and what SageMaker made for it by itself.
    """
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    if yes and not delete:
        raise UserError("--yes is about --delete. Give both, or neither.")
    found, problems = look(chosen, [_tag(each) for each in tag or ()])
    for problem in problems:
        note(f"Could not be looked at: {problem}")
    if not delete:
        _tell(found, json=json)
        return
    removable = [each for each in found if each.remove is not None]
    if not removable:
        _tell(found, json=json)
        return
    if not yes:
        if json or not sys.stdin.isatty():
            raise UserError("Removing what is left asks first. Give --yes to do without.")
        _tell(found, json=False)
        if not typer.confirm(f"Remove these {len(removable)}?", err=True):
            raise UserError("Nothing was removed.")
    _remove(removable, json=json)


def look(target: Target, tags: Sequence[tuple[str, str]] = ()) -> tuple[list[Leftover], list[str]]:
    """What is left of the app there, and what could not be looked at."""
    synthesized = (target.project.assembly_dir / "manifest.json").is_file()
    everything = target.is_local and target.project.external is None
    if not (synthesized or everything or tags):
        raise UserError(
            "Nothing says which stacks were the app's: it has not been synthesized here. Run: cdk synth --quiet; or "
            "give --tag KEY=VALUE."
        )
    stacks = target.read_assembly().stacks if synthesized else ()
    regions = list(dict.fromkeys([target.region, *(stack.region for stack in stacks)]))
    apps = None if everything else [stack.name for stack in stacks]
    return find_leftovers(target, regions, apps, tags, known_prices())


def short_form(found: Sequence[Leftover]) -> str | None:
    """What is left on AWS and costs something, in a sentence; None where nothing does."""
    costly = [each for each in found if each.bill.usd != 0]
    if not costly:
        return None
    kinds = ", ".join(dict.fromkeys(each.kind for each in costly))
    told = f"{len(costly)} ({kinds}), {_total(costly)} a month"
    return f"Left, and not free: {told}. See: sagecraft leftovers --target aws"


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UserError(f"--tag should be KEY=VALUE, such as team=churn, got '{text}'.")
    return key, value


def _tell(found: Sequence[Leftover], *, json: bool) -> None:
    if json:
        write_json([each.as_json() for each in found])
        return
    if not found:
        note("Nothing is left.")
        return
    table = table_of("What", "Name", "Region", "A month", "Why")
    for each in found:
        table.add_row(each.kind, each.name, each.region, _usd(each), f"{each.why} ({each.bill.how})")
    results.print(table)
    results.print(f"\nTogether: {_total(found)} a month. What removes them:")
    for each in found:
        results.print(f"  {each.command}", markup=False, soft_wrap=True)


def _usd(each: Leftover) -> str:
    return "unpriced" if each.bill.usd is None else f"${each.bill.usd:,.2f}"


def _total(found: Sequence[Leftover]) -> str:
    known = sum(each.bill.usd for each in found if each.bill.usd is not None)
    return f"{'at least ' if any(each.bill.usd is None for each in found) else ''}${known:,.2f}"


def _remove(found: Sequence[Leftover], *, json: bool) -> None:
    failed: list[str] = []
    done: list[dict[str, str | None]] = []
    for each, problem in remove(found):
        done.append({"kind": each.kind, "name": each.name, "region": each.region, "problem": problem})
        if problem is None and not json:
            note(f"Removed {each.kind} {each.name}")
        elif problem is not None:
            failed.append(f"{each.kind} {each.name}: {problem}")
    if json:
        write_json(done)
    if failed:
        raise WorkFailed("\n".join(["Not removed:", *failed]))
