"""What the CDK's process says of a construct, and says alike each time: it is asked once.

A question takes most of a millisecond of two processes, and constructs would ask some of them a hundred times an app.
What is known of a construct is kept as long as jsii keeps the construct itself, which is as long as the process lives.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, ParamSpec, TypeVar, cast

from aws_cdk import Stack
from constructs import IConstruct

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def once(question: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """Keeps the answers of a function of constructs, which have a hash though jsii's protocols do not tell of it."""
    return cast("Callable[_Asked, _Answer]", cache(question))


class Place(NamedTuple):
    """Where a stack is deployed; each may be a token."""

    partition: str
    region: str
    account: str


@once
def stack_of(construct: IConstruct) -> Stack:
    """The stack that a construct stands in."""
    return Stack.of(construct)


def place_of(construct: IConstruct) -> Place:
    """Where a construct is deployed."""
    return _place_of(stack_of(construct))


def arn_at(construct: IConstruct, service: str, resource: str) -> str:
    """The ARN of a service's resource in the account and region of a construct.

    Args:
        construct: That.
        service: As ARNs name it, such as `sagemaker`.
        resource: What follows the account, such as `model/churn`.
    """
    place = place_of(construct)
    return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{resource}"


@once
def _place_of(stack: Stack) -> Place:
    return Place(stack.partition, stack.region, stack.account)
