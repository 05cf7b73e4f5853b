"""A stack, once CloudFormation is done with it."""

import time
from typing import Final

from sagecraft_infra.errors import WorkFailed
from sagecraft_infra.target import Target

from .stacks import StackState, stack_state

GONE: Final = "DELETE_COMPLETE"
DEPLOYED: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_FIRST_PAUSE_SECONDS: Final = 0.02
_LONGEST_PAUSE_SECONDS: Final = 0.5
_SHARE_OF_WAITING: Final = 0.1
"""Of the time waited so far, for a pause: a stack that takes long is asked for seldom, and told hardly later."""


def settled_stack(target: Target, name: str, region: str, seconds: float) -> StackState:
    """Waits for a stack's change to end.

    Args:
        target: Where the stack is.
        name: Its name.
        region: Its region.
        seconds: How long it may take.

    Returns:
        Its state; `GONE` if there is none.

    Raises:
        WorkFailed: It is not done in time.
    """
    begin = time.monotonic()
    while True:
        state = stack_state(target, name, region)
        if state is None:
            return StackState(name, region, GONE, {})
        if not state.status.endswith("_IN_PROGRESS"):
            return state
        waited = time.monotonic() - begin
        if waited > seconds:
            raise WorkFailed(f"Stack {name} has been {state.status} for {seconds:.0f} s.")
        time.sleep(min(max(_FIRST_PAUSE_SECONDS, waited * _SHARE_OF_WAITING), _LONGEST_PAUSE_SECONDS))
