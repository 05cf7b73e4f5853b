"""The stack that is deployed."""

from aws_cdk import Stack
from constructs import IConstruct

from .asked import stack_of


def deployed_stack(scope: IConstruct) -> Stack:
    """The stack that `scope` is deployed with: its own, or where that is a nested one, the one that nests it.

    Its name is known when the app is synthesized, which a nested stack's is not.
    """
    stack = stack_of(scope)
    while (parent := stack.nested_stack_parent) is not None:
        stack = parent
    return stack
