"""What the emulator is told of pipelines."""

from typing import Final

from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles

from .events import EVENTS
from .execution_kind import PipelineExecutionKind
from .kind import PipelineKind
from .records import EXECUTION, PIPELINE, STATES
from .resource_type import RESOURCE_TYPES
from .runner import PipelineRunner


def _make(means: Means) -> Made:
    runner = PipelineRunner(means)
    pipelines = PipelineKind(means.store, means.machine.clients)
    return Made(
        kinds=[pipelines, PipelineExecutionKind(means.store, pipelines, runner)],
        recover=runner.recover,
        reset=runner.reset,
        stop=runner.shutdown,
    )


PIPELINES: Final = Noun(
    make=_make,
    states=STATES,
    events=EVENTS,
    resource_types=RESOURCE_TYPES,
    roles={PIPELINE: own_roles, EXECUTION: own_roles},
    shown=(PIPELINE, EXECUTION),
)
