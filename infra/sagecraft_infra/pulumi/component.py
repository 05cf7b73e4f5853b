"""Any CDK stack as a component of Pulumi."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import aws_cdk
import pulumi

from .provider.asset_bucket import AssetBucket
from .provider.types import CLASSIC, NATIVE, package_module
from .registration.resources import Surroundings, TemplateRegistration
from .template.synthesis import StackFactory, SynthesizedStack, synthesize

COMPONENT_TYPE: Final = "sagecraft:cdk:CdkComponent"
_OWN_EXPORT: Final = "ExportsOutput"
"""What the ids of the outputs begin with that the CDK adds for references between stacks."""


class CdkComponent(pulumi.ComponentResource):
    """A CDK stack whose resources Pulumi makes.

    The stack is synthesized in this process; each resource of its template becomes a child of this component, of the
    provider `aws-native`, or of `aws` where Cloud Control lacks the type. CloudFormation takes no part.

    Such as::

        def stack(stack: aws_cdk.Stack) -> dict[str, str]:
            role = iam.Role.from_role_arn(stack, "Role", string_input(stack, "RoleArn"))
            model = Model(stack, "Model", role=role, ...)
            return {"model_name": model.model_name}

        component = CdkComponent("titanic", stack, inputs={"RoleArn": role.arn})
        pulumi.export("model", component.outputs["model_name"])

    Args:
        name: The component's; the names of its resources begin with it.
        stack_factory: Declares constructs in the stack that it is called with, or stacks within it; returns values by
            name that become outputs, tokens included.
        inputs: Values of the template's parameters by name; Outputs too. The factory takes them with
            `string_input(stack, name)`, `number_input` and `list_input`, or declares a `CfnParameter`.
        opts: `protect`, `parent`, `aliases`, `providers` and `transformations` reach the resources as Pulumi passes
            them from parents; `depends_on` and `retain_on_delete` are passed on to each.
        env: Account and region of the stack. Left out, the template fits any, and Pulumi's provider says where to.
        asset_bucket: The name of a bucket for assets and for the answers of custom resources. Left out, the component
            makes one when it needs it.
        component_type: The component's type in Pulumi.

    Attributes:
        home_region: The region that the stack can only be in, if any; unless `env` names another.
        outputs: The outputs of the stack by their logical ids, and what the factory returned by its names; those of
            stacks within it as `Stack.Output`.

    Raises:
        NotExpressible: Pulumi has nothing like something in the template; the message names resource and property.
        UserError: An input without parameter, or the other way round; a stack that needs a look-up in the account.
    """

    home_region: ClassVar[str | None] = None
    outputs: dict[str, pulumi.Output[Any]]

    def __init__(
        self,
        name: str,
        stack_factory: StackFactory,
        *,
        inputs: Mapping[str, pulumi.Input[Any]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        env: aws_cdk.Environment | None = None,
        asset_bucket: pulumi.Input[str] | None = None,
        component_type: str = COMPONENT_TYPE,
    ) -> None:
        home = self.home_region
        own = aws_cdk.Environment(region=home) if env is None and home is not None else env
        synthesized = synthesize(name, stack_factory, env=own)
        super().__init__(component_type, name, None, opts)
        self._opts_of_children = _passed_on(opts)
        self._region = None if env is None else env.region
        self.outputs = {}
        self._registrations: dict[str, TemplateRegistration] = {}
        exports: dict[str, Any] = {}
        given = dict(inputs or {})
        for stack in synthesized.stacks:
            is_own = stack.template.name == name
            registration = self._registered(
                name if is_own else f"{name}-{stack.template.name}",
                stack,
                given if is_own else {},
                asset_bucket,
                exports,
            )
            self._registrations[stack.template.name] = registration
            for logical_id, value in registration.outputs.items():
                if not logical_id.startswith(_OWN_EXPORT):
                    key = logical_id if is_own else f"{stack.template.name}.{logical_id}"
                    self.outputs[key] = pulumi.Output.from_input(value)
        for key, logical_id in synthesized.returned.items():
            self.outputs[key] = self.outputs.pop(logical_id)
        self.register_outputs(self.outputs)

    def resolved(self, stack_name: str, value: Any) -> pulumi.Output[Any]:
        """A value of one of the component's stacks, in which functions of CloudFormation may stand.

        Raises:
            NotExpressible: A function that Pulumi has nothing like.
        """
        return pulumi.Output.from_input(self._registrations[stack_name].value(value))

    def _registered(
        self,
        prefix: str,
        stack: SynthesizedStack,
        inputs: Mapping[str, Any],
        asset_bucket: pulumi.Input[str] | None,
        exports: dict[str, Any],
    ) -> TemplateRegistration:
        parent = self if stack.region in (None, self._region) else self._elsewhere(prefix, stack.region)
        options = pulumi.ResourceOptions.merge(self._opts_of_children, pulumi.ResourceOptions(parent=parent))
        bucket = AssetBucket(prefix, stack.assets, options, asset_bucket)
        surroundings = Surroundings(bucket, self._opts_of_children, stack.directory, exports)
        return TemplateRegistration(
            prefix, stack.template, parent, inputs, surroundings, account=stack.account, region=stack.region
        )

    def _elsewhere(self, prefix: str, region: str | None) -> pulumi.Resource:
        """What the resources of a stack in another region belong to; the user's own providers are left as they are."""
        if self._providers:
            return self
        name = f"{prefix}-{region}"
        owned = pulumi.ResourceOptions(parent=self)
        providers = [
            package_module(package).Provider(f"{name}-{package}", region=region, opts=owned)
            for package in (NATIVE, CLASSIC)
        ]
        options = pulumi.ResourceOptions(parent=self, providers=providers)
        return pulumi.ComponentResource("sagecraft:cdk:Stack", name, None, options)


def _passed_on(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """What Pulumi does not pass from a component to its children by itself."""
    if opts is None:
        return pulumi.ResourceOptions()
    return pulumi.ResourceOptions(depends_on=opts.depends_on, retain_on_delete=opts.retain_on_delete)
