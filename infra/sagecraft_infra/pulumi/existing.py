"""What is there already, as a construct takes it: made in the stack of the component that it is given to."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from constructs import Construct

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Existing:
    """A call of one of the CDK's `from_…` functions, put off until there is a stack.

    Attributes:
        function: Takes scope and id first.
        arguments: Its other arguments by name.
    """

    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    def bind(self, scope: Construct, construct_id: str, arguments: Mapping[str, Any]) -> Any:
        """Calls the function, with tokens where the arguments have Outputs."""
        return self.function(scope, construct_id, **arguments)


def existing(function: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Something that is there already, for a component: a bucket, a role, a key, a VPC.

    `existing(s3.Bucket.from_bucket_name, bucket.id)` is what `s3.Bucket.from_bucket_name(stack, id, …)` yields in the
    component's own stack; so a component takes what another program, or another resource of Pulumi's, has made.

    Args:
        function: Any function that takes a scope and an id first, such as the CDK's `from_…`.
        *arguments: The arguments behind these two; Outputs too.
        **named: Likewise.

    Raises:
        TypeError: The function takes no such arguments.
    """
    parameters = inspect.signature(function)
    bound = parameters.bind(None, "", *arguments, **named).arguments
    own = dict(list(bound.items())[2:])
    for name, parameter in parameters.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            own.update(own.pop(name, {}))
    return cast("T", Existing(function, own))
