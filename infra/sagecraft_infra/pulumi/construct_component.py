"""A construct of Sagecraft as a component of Pulumi."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import aws_cdk
import pulumi
from constructs import Construct

from .arguments import Arguments
from .component import CdkComponent
from .view import ConstructView

_CONSTRUCT_ID = "Default"
"""The CDK leaves this id out of names: the stack, which holds the construct alone, has the component's."""


class ConstructComponent(CdkComponent):
    """A construct in a stack of its own, whose resources Pulumi makes.

    The arguments are the construct's. Where it takes text or a number, an Output may stand; where it takes a bucket, a
    role, a model and so on, a component, an attribute of one, or `existing(…)`. The construct's attributes are Outputs
    of the component.

    Args:
        resource_name: The component's; the names of its resources begin with it.
        opts: As for every component of Pulumi.
        env: Account and region, where the construct needs to know them when it is declared.
        asset_bucket: The name of a bucket for assets. Left out, one is made where one is needed.
        **arguments: The construct's.

    Attributes:
        construct_class: What declares the resources.

    Raises:
        InvalidProps: As the construct raises it.
        NotExpressible: As `CdkComponent` raises it.
        UserError: An Output where the construct needs to know the value; a component that cannot be given to another.
        TypeError: The construct takes no such argument, or needs one that is not given.
    """

    construct_class: ClassVar[type[Construct]]
    view: ConstructView

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        opts: pulumi.ResourceOptions | None = None,
        env: aws_cdk.Environment | None = None,
        asset_bucket: pulumi.Input[str] | None = None,
        **arguments: Any,
    ) -> None:
        self._declare(self.construct_class, resource_name, arguments, opts=opts, env=env, asset_bucket=asset_bucket)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "view" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.view, name)

    @property
    def reference(self) -> Any:
        """The construct, for what constructs take within others: `ProductionVariant(model=model.reference)`."""
        return self.view

    def _declare(
        self,
        function: Callable[..., Any],
        resource_name: str,
        given: Mapping[str, Any],
        *,
        opts: pulumi.ResourceOptions | None,
        env: aws_cdk.Environment | None,
        asset_bucket: pulumi.Input[str] | None,
    ) -> None:
        kind = type(self).__name__
        arguments = Arguments(f"{kind} '{resource_name}'", function, given)
        declared: list[Construct] = []

        def factory(stack: aws_cdk.Stack) -> None:
            declared.append(function(stack, _CONSTRUCT_ID, **arguments.bind(stack)))

        if arguments.needed:
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=arguments.needed))
        super().__init__(
            resource_name,
            factory,
            inputs=arguments.inputs,
            opts=opts,
            env=env,
            asset_bucket=asset_bucket,
            component_type=f"sagecraft:index:{kind}",
        )
        self.view = ConstructView(self, declared[0])
