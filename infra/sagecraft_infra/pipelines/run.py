"""The runs of pipelines: starting one, and how it stands."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near
from sagecraft_infra.noun.api import Api
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

from .definition import PipelineDefinition, StepDefinition

PIPELINE: Final = Api("Pipeline", "pipeline", "PipelineSummaries")
ENDED: Final = frozenset({"Succeeded", "Failed", "Stopped"})
WAITING: Final = "Waiting"
NOT_RUN: Final = "Not run"


@dataclass(frozen=True)
class StepState:
    """How a step of a run stands.

    Attributes:
        definition: What it is.
        status: As SageMaker has it, `Waiting` before it has begun, or `Not run` where the run has ended without it.
        began: When it began.
        ended: When it ended.
        reason: Why it failed.
        outcome: Of a condition, `True` or `False`.
        cached: Whether it took the result of an earlier run.
        work: The ARN of what it runs.
    """

    definition: StepDefinition
    status: str
    began: datetime | None = None
    ended: datetime | None = None
    reason: str = ""
    outcome: str = ""
    cached: bool = False
    work: str = ""

    def seconds(self, now: datetime) -> float | None:
        """How long it has taken, until now where it still goes on."""
        return None if self.began is None else max(0.0, ((self.ended or now) - self.began).total_seconds())


@dataclass(frozen=True)
class Run:
    """How a run stands.

    Attributes:
        pipeline: The name of the pipeline.
        arn: Of the run.
        status: As SageMaker has it.
        began: When it began.
        changed: When it changed last.
        reason: Why it failed.
        steps: All steps of the pipeline.
    """

    pipeline: str
    arn: str
    status: str
    began: datetime
    changed: datetime
    reason: str
    steps: tuple[StepState, ...]

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it goes on."""
        return self.status in ENDED

    @property
    def id(self) -> str:
        """What tells it from other runs of its pipeline."""
        return self.arn.rpartition("/")[2]


def find_pipeline(target: Target, region: str, name: str) -> dict[str, Any]:
    """The pipeline of that name, or the only one whose name has it in it, such as the id of its construct.

    Raises:
        UserError: There is none, or several.
    """
    client = target.sagemaker(region)
    described = found(partial(PIPELINE.describe, client, name))
    if described is not None:
        return described
    names = list(PIPELINE.newest(client))
    like = [each for each in names if name.lower() in each.lower()]
    if len(like) == 1:
        return PIPELINE.describe(client, like[0])
    if like:
        raise UserError(f"Several pipelines are called like '{name}'. Say which: {', '.join(sorted(like))}.")
    raise UserError(f"There is no pipeline '{name}' in {region}. {near(name, names)}")


def start(
    target: Target,
    region: str,
    pipeline: Mapping[str, Any],
    parameters: Mapping[str, str],
    *,
    max_parallel_steps: int | None = None,
    steps: Sequence[str] = (),
    source: str | None = None,
) -> str:
    """Starts a run of a pipeline, and returns its ARN.

    Args:
        target: Where it is.
        region: Where there.
        pipeline: As SageMaker describes it.
        parameters: By name, as texts.
        max_parallel_steps: How many steps run at once at most. Left out, what the pipeline says.
        steps: Those that are run; the others keep the results of an earlier run. Left out, all are.
        source: The id of that run. Left out, the last one.

    Raises:
        UserError: A parameter or a step is none of the pipeline's.
    """
    definition = PipelineDefinition.read(pipeline["PipelineDefinition"])
    request: dict[str, Any] = {
        "PipelineName": pipeline["PipelineName"],
        "PipelineParameters": definition.values(parameters),
        "ClientRequestToken": uuid.uuid4().hex,
    }
    if max_parallel_steps is not None:
        request["ParallelismConfiguration"] = {"MaxParallelExecutionSteps": max_parallel_steps}
    if source is not None and not steps:
        raise UserError("--from names the run that --step takes results of. Give both, or neither.")
    if steps:
        names = [each.name for each in definition.steps]
        for step in steps:
            if step not in names:
                raise UserError(f"The pipeline has no step '{step}'. {near(step, names)}")
        request["SelectiveExecutionConfig"] = {"SelectedSteps": [{"StepName": step} for step in steps]}
        if source is not None:
            arn = f"{pipeline['PipelineArn']}/execution/{source.rpartition('/')[2]}"
            request["SelectiveExecutionConfig"]["SourcePipelineExecutionArn"] = arn
    return target.sagemaker(region).start_pipeline_execution(**request)["PipelineExecutionArn"]


def find_run(target: Target, region: str, pipeline: Mapping[str, Any], execution: str | None) -> str:
    """The ARN of a run: of that id, or the newest.

    Raises:
        UserError: There is none.
    """
    if execution is not None:
        return f"{pipeline['PipelineArn']}/execution/{execution.rpartition('/')[2]}"
    listed = target.sagemaker(region).list_pipeline_executions(
        PipelineName=pipeline["PipelineName"], SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["PipelineExecutionSummaries"]
    if not listed:
        name = pipeline["PipelineName"]
        raise UserError(f"The pipeline '{name}' has not been run yet. Start it with: sagecraft pipeline start {name}")
    return listed[0]["PipelineExecutionArn"]


def take_run(target: Target, region: str, arn: str) -> Run:
    """How a run stands.

    Raises:
        UserError: There is no such run.
    """
    client = target.sagemaker(region)
    described = found(partial(client.describe_pipeline_execution, PipelineExecutionArn=arn))
    if described is None:
        raise UserError(f"There is no run '{arn.rpartition('/')[2]}' of the pipeline in {region}.")
    text = client.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)["PipelineDefinition"]
    told = {each["StepName"]: each for each in _told(client, arn)}
    status = described["PipelineExecutionStatus"]
    other = NOT_RUN if status in ENDED else WAITING
    return Run(
        pipeline=arn.split("/")[1],
        arn=arn,
        status=status,
        began=described["CreationTime"],
        changed=described["LastModifiedTime"],
        reason=described.get("FailureReason", ""),
        steps=tuple(_state(each, told.get(each.name), other) for each in PipelineDefinition.read(text).steps),
    )


def _told(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Ascending"
    ):
        yield from page["PipelineExecutionSteps"]


def _state(definition: StepDefinition, told: Mapping[str, Any] | None, other: str) -> StepState:
    if told is None:
        return StepState(definition, other)
    metadata: Mapping[str, Any] = told.get("Metadata", {})
    return StepState(
        definition,
        told["StepStatus"],
        told.get("StartTime"),
        told.get("EndTime"),
        told.get("FailureReason", ""),
        str(metadata.get("Condition", {}).get("Outcome", "")),
        "CacheHitResult" in told,
        next((each["Arn"] for each in metadata.values() if isinstance(each, Mapping) and "Arn" in each), ""),
    )


def as_json(run: Run, now: datetime) -> dict[str, Any]:
    """A run for machines."""
    return {
        "pipeline": run.pipeline,
        "execution": run.arn,
        "status": run.status,
        "failure_reason": run.reason or None,
        "steps": [
            {
                "name": step.definition.name,
                "type": step.definition.type,
                "status": step.status,
                "seconds": step.seconds(now),
                "failure_reason": step.reason or None,
                "cached": step.cached,
                "outcome": step.outcome or None,
                "work": step.work or None,
            }
            for step in run.steps
        ],
    }
