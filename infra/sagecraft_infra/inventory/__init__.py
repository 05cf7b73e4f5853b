"""What stands somewhere: stacks, jobs, endpoints and notebook instances."""

from .stacks import BOOTSTRAP_STACK, StackState, stack_state, stack_states
from .standing import Inventory, stack_resources, take_inventory, take_whole_inventory

__all__ = [
    "BOOTSTRAP_STACK",
    "Inventory",
    "StackState",
    "stack_resources",
    "stack_state",
    "stack_states",
    "take_inventory",
    "take_whole_inventory",
]
