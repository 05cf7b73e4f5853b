"""The statuses of a job, the same for all kinds.

Source: the `Status` enums of jobs in SageMaker's service model.
"""

from typing import Final

from sagecraft_emulator.state.states import CREATED, States

JOB_STATES: Final = States(
    {
        CREATED: {"InProgress"},
        "InProgress": {"Completed", "Failed", "Stopping", "Stopped"},
        "Stopping": {"Stopped", "Failed"},
        "Completed": (),
        "Failed": (),
        "Stopped": (),
    }
)
ENDED: Final = JOB_STATES.final
