"""How a declared job comes to run."""

from enum import StrEnum


class JobRealization(StrEnum):
    """How a declared job comes to run."""

    DEPLOY = "deploy"
    """CloudFormation runs it as it creates or changes the stack, which ends well only if the job does. For work under
    an hour."""
    BY_HAND = "by-hand"
    """`sagecraft run NAME` runs it, as often as one likes; the stack holds its request, in a parameter of Systems
    Manager. For work of any length."""
    PIPELINE_STEP = "pipeline-step"
    """A `Pipeline` runs it as a step, whenever that is started; the stack holds what the job needs, its role for one.
    For work of any length."""
