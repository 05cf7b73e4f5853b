"""What the emulator is told of flow definitions."""

from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.orchestration.cloudformation import ResourceType
from sagecraft_emulator.state.states import CREATED, States

from .activation import Activation
from .kind import FlowDefinitionKind

KIND = FlowDefinitionKind.kind
STATES = States({CREATED: {"Initializing"}, "Initializing": {"Active", "Failed"}, "Active": (), "Failed": ()})


def make(means: Means) -> Made:
    work = Activation(means.store)
    return Made(kinds=[FlowDefinitionKind(means.store)], start=work.start, recover=work.recover)


FLOW_DEFINITION = Noun(
    make=make,
    states={KIND: STATES},
    events=(StateChange(kind=KIND, detail_type="SageMaker Flow Definition State Change"),),
    resource_types={"AWS::SageMaker::FlowDefinition": ResourceType(KIND, frozenset({"FlowDefinitionName", "RoleArn"}))},
    tasks={"createFlowDefinition": None},
    roles={KIND: own_roles},
    shown=(KIND,),
)
