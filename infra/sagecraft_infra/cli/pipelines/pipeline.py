"""`sagecraft pipeline`."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
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
from sagecraft_infra.errors import Interrupted, UserError, WorkFailed
from sagecraft_infra.pipelines.definition import PipelineDefinition
from sagecraft_infra.pipelines.run import as_json, find_pipeline, find_run, start, take_run
from sagecraft_infra.pipelines.view import watch_run
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.terminal.output import note, write_json

pipeline = typer.Typer(name="pipeline", help="Pipelines: start a run, watch one, or draw one.")

_NOTE = "A step begins when those are done that lead to it."
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A pipeline: its name, or a part of it that no other has.")
]
ExecutionOption = Annotated[
    str | None, typer.Option("--execution", metavar="ID", show_default="the newest", help="The id of a run.")
]


@pipeline.command("start")
def start_pipeline(
    name: NameArgument,
    *,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the run; others have defaults."),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option("--step", metavar="STEP", help="Run this step alone; the others keep an earlier run's results."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="ID", show_default="the last", help="The run whose results --step takes."),
    ] = None,
    parallel: Annotated[
        int | None,
        typer.Option("--parallel", min=1, show_default="as the pipeline says", help="So many steps at once at most."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Watch the run until it ends.")] = False,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Start a run of a pipeline, and write its ARN.

    With --wait, it is watched until it ends; exit code 3 if it fails or is stopped.
    """
    chosen = _target(target, port, state_dir, endpoint_url)
    found = find_pipeline(chosen, chosen.region, name)
    arn = start(
        chosen,
        chosen.region,
        found,
        _parameters(parameter or ()),
        max_parallel_steps=parallel,
        steps=step or (),
        source=source,
    )
    sys.stdout.write(f"{arn}\n")
    if wait:
        _watch(chosen, arn)


@pipeline.command("watch")
def watch_pipeline(
    name: NameArgument,
    *,
    execution: ExecutionOption = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Watch a run until it ends: its steps, how long each takes, and why one fails. Exit code 3 if the run does.

    With --json, how it stands now, without waiting.
    """
    chosen = _target(target, port, state_dir, endpoint_url)
    arn = find_run(chosen, chosen.region, find_pipeline(chosen, chosen.region, name), execution)
    if json:
        write_json(as_json(take_run(chosen, chosen.region, arn), datetime.now(UTC)))
        return
    _watch(chosen, arn)


@pipeline.command("graph")
def graph_pipeline(
    name: NameArgument,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", show_default="NAME.svg", help="The picture: a .svg or .png file."),
    ] = None,
    execution: ExecutionOption = None,
    definition: Annotated[
        bool, typer.Option("--definition", help="Draw the steps alone, and not how they stand in a run.")
    ] = False,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Draw a pipeline: its steps, what each waits for, and how each stands in its newest run, if it has been run."""
    from sagecraft_infra.graph.picture import (  # noqa: PLC0415 - loads Matplotlib, which others need not wait for
        check_format,
        draw,
        save,
    )
    from sagecraft_infra.graph.pipeline import pipeline_graph, run_graph  # noqa: PLC0415

    if output is not None:
        check_format(output)
    chosen = _target(target, port, state_dir, endpoint_url)
    found = find_pipeline(chosen, chosen.region, name)
    path = Path(f"{found['PipelineName']}.svg") if output is None else output
    if definition or (execution is None and "LastRunTime" not in found and not _has_run(chosen, found)):
        steps = PipelineDefinition.read(found["PipelineDefinition"]).steps
        groups, arrows = pipeline_graph(found["PipelineName"], steps)
        title = found["PipelineName"]
    else:
        run = take_run(chosen, chosen.region, find_run(chosen, chosen.region, found, execution))
        groups, arrows = run_graph(run, datetime.now(UTC))
        title = f"{run.pipeline} {run.id}: {run.status}"
    save(draw(title, groups, arrows, note=_NOTE), path, {node.id: node for group in groups for node in group.nodes})
    sys.stdout.write(f"{path}\n")


def _has_run(target: Target, found: dict[str, object]) -> bool:
    listed = target.sagemaker(target.region).list_pipeline_executions(PipelineName=str(found["PipelineName"]))
    return bool(listed["PipelineExecutionSummaries"])


def _target(target: TargetName, port: int | None, state_dir: Path | None, endpoint_url: str | None) -> Target:
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    return chosen


def _parameters(given: Sequence[str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for each in given:
        name, is_one, value = each.partition("=")
        if not is_one or not name:
            raise UserError(f"--parameter: '{each}' is none; write NAME=VALUE.")
        parameters[name] = value
    return parameters


def _watch(target: Target, arn: str) -> None:
    try:
        run = watch_run(target, target.region, arn)
    except KeyboardInterrupt as error:
        stop = f"aws sagemaker stop-pipeline-execution --pipeline-execution-arn {arn}"
        raise Interrupted(f"The run goes on. Stop it with: {stop}") from error
    if run.status != "Succeeded":
        failed = next((step for step in run.steps if step.status == "Failed"), None)
        reason = run.reason or (f"{failed.definition.name}: {failed.reason}" if failed is not None else "")
        raise WorkFailed(f"The run {run.id} of {run.pipeline} is {run.status}{f': {reason}' if reason else '.'}")
    note(f"The run {run.id} of {run.pipeline} has Succeeded.")
