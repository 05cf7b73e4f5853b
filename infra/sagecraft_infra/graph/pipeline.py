"""What a picture of a pipeline shows: its steps, what each waits for, and how each stands in a run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sagecraft_infra.noun.look import Kind
from sagecraft_infra.pipelines.definition import StepDefinition
from sagecraft_infra.pipelines.run import Run
from sagecraft_infra.pipelines.view import time_of

from .environment import Arrow, Group, Node

_KINDS: Final = {
    **dict.fromkeys(("Processing", "Training", "Tuning", "AutoML", "Transform"), Kind.JOB),
    **dict.fromkeys(("QualityCheck", "ClarifyCheck"), Kind.MONITORING),
    **dict.fromkeys(("Model", "RegisterModel"), Kind.MODEL),
    "EndpointConfig": Kind.ENDPOINT_CONFIG,
    "Endpoint": Kind.ENDPOINT,
}
_COLOURS: Final = {
    "Succeeded": "#2f7d32",
    "Failed": "#be123c",
    "Stopped": "#be123c",
    "Executing": "#b45309",
    "Starting": "#b45309",
    "Stopping": "#b45309",
}
_GREY: Final = "#9aa3ae"


def pipeline_graph(name: str, steps: Sequence[StepDefinition]) -> tuple[list[Group], list[Arrow]]:
    """The steps of a pipeline as they are defined, each branch of a condition as a group of its own."""
    return _grouped(name, steps, {step.name: _node(step) for step in steps})


def run_graph(run: Run, now: datetime) -> tuple[list[Group], list[Arrow]]:
    """The steps of a run, and how each stands: in words, and by the colour around it."""
    nodes = {}
    for step in run.steps:
        seconds = step.seconds(now)
        parts = [step.status, step.outcome, "" if seconds is None else time_of(seconds)]
        detail = " · ".join(part for part in parts if part)
        nodes[step.definition.name] = _node(step.definition, detail, _COLOURS.get(step.status, _GREY), step.reason)
    return _grouped(run.pipeline, [step.definition for step in run.steps], nodes)


def _node(step: StepDefinition, detail: str = "", colour: str = "", reason: str = "") -> Node:
    return Node(
        id=step.name,
        kind=_KINDS.get(step.type, Kind.OTHER),
        noun=step.type,
        name=step.name,
        detail=detail,
        type=reason,
        colour=colour,
    )


def _grouped(name: str, steps: Sequence[StepDefinition], nodes: dict[str, Node]) -> tuple[list[Group], list[Arrow]]:
    groups: dict[str, list[Node]] = {}
    for step in steps:
        group = name if step.branch is None else f"{step.branch[0]}: {step.branch[1]}"
        groups.setdefault(group, []).append(nodes[step.name])
    arrows = [Arrow(before, step.name) for step in steps for before in sorted(step.before) if before in nodes]
    return [Group(each, tuple(members)) for each, members in groups.items()], arrows
