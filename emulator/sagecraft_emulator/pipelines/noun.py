"""What the emulator is told of pipelines."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles

from .definition.refused import refuse
from .events import EVENTS
from .execution_kind import PipelineExecutionKind
from .kind import PipelineKind
from .records import EXECUTION, PIPELINE, STATES
from .resource_type import RESOURCE_TYPES
from .runner import PipelineRunner
from .version_kind import PipelineVersionKind


def _make(means: Means) -> Made:
    runner = PipelineRunner(means)
    versions = PipelineVersionKind(means.store)
    images = None if means.execute == "instant" else means.images
    pipelines = PipelineKind(means.store, versions, means.machine.clients, partial(refuse, images=images))
    return Made(
        kinds=[pipelines, versions, PipelineExecutionKind(means.store, pipelines, versions, runner)],
        recover=runner.recover,
        reset=runner.reset,
        stop=runner.shutdown,
    )


def _start(target: Mapping[str, Any], looked_up: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
    """What a target of EventBridge's asks for that is a pipeline."""
    given = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    parameters = [{"Name": each["Name"], "Value": looked_up(each["Value"])} for each in given]
    return "StartPipelineExecution", {"PipelineName": target["Arn"], "PipelineParameters": parameters}


PIPELINES: Final = Noun(
    make=_make,
    states=STATES,
    events=EVENTS,
    resource_types=RESOURCE_TYPES,
    targets={"pipeline": _start},
    roles={PIPELINE: own_roles, EXECUTION: own_roles},
    shown=(PIPELINE, EXECUTION),
)
