"""The pipelines that stand somewhere, and how the last run of each went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.section import Remark, Section

_LAST: Final = "LastExecution"
"""In what is told of a pipeline: the summary of its last execution."""


@dataclass(frozen=True)
class PipelineApi(Api):
    """The operations of pipelines, which are told with their last execution."""

    def describe(self, client: Any, name: str) -> dict[str, Any]:
        """What SageMaker tells of the one of that name, and of its last execution."""
        described = super().describe(client, name)
        newest = client.list_pipeline_executions(
            PipelineName=name, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
        )["PipelineExecutionSummaries"]
        return {**described, **({_LAST: newest[0]} if newest else {})}


@dataclass(frozen=True)
class PipelineState:
    """A pipeline.

    Attributes:
        name: Its name.
        region: Where it is.
        last_run: The id of its last execution; None where there was none.
        status: Of that.
        began: When that began.
        reason: Why that failed, if SageMaker says so.
    """

    name: str
    region: str
    last_run: str | None = None
    status: str | None = None
    began: datetime | None = None
    reason: str | None = None


def _state(name: str, region: str, pipeline: Mapping[str, Any]) -> PipelineState:
    last = pipeline.get(_LAST)
    if last is None:
        return PipelineState(name, region)
    return PipelineState(
        name=name,
        region=region,
        last_run=last["PipelineExecutionArn"].rpartition("/")[2],
        status=last["PipelineExecutionStatus"],
        began=last["StartTime"],
        reason=last.get("PipelineExecutionFailureReason"),
    )


def _row(pipeline: PipelineState) -> tuple[str, ...]:
    if pipeline.began is None:
        return pipeline.name, "", "Not run yet", ""
    return pipeline.name, pipeline.last_run or "", pipeline.status or "", f"{pipeline.began:%Y-%m-%d %H:%M}"


def _hint(pipeline: PipelineState) -> Remark:
    if pipeline.last_run is None:
        return Remark("Start it: ", f"sagecraft pipeline start {pipeline.name}")
    return Remark("See how its last run went: ", f"sagecraft pipeline watch {pipeline.name}")


PIPELINES: Final = Section(
    key="pipelines",
    resource_type="AWS::SageMaker::Pipeline",
    api=PipelineApi("Pipeline", "pipeline", "PipelineSummaries"),
    state=_state,
    columns=("Pipeline", "Last run", "Status", "Began"),
    row=_row,
    hint=_hint,
)
