"""A template's parameters, from the inputs of the component or from their defaults."""

import difflib
from collections.abc import Mapping
from typing import Any, Final

import pulumi

from sagecraft_infra.errors import UserError
from sagecraft_infra.pulumi.provider.types import NATIVE, package_module
from sagecraft_infra.pulumi.template.document import Template
from sagecraft_infra.pulumi.template.errors import NotExpressible, Place, listed

from .deferred import lift
from .shapes import text

_SSM_VALUE: Final = "AWS::SSM::Parameter::Value<"


class Parameters:
    """The values of a template's parameters.

    Args:
        template: Declares them.
        inputs: What the program gives, by the parameters' names; Outputs too.
        invoke_options: With which SSM is asked.

    Raises:
        UserError: An input that the template has no parameter for; a parameter without input and default.
    """

    def __init__(self, template: Template, inputs: Mapping[str, Any], invoke_options: pulumi.InvokeOptions) -> None:
        self._invoke_options = invoke_options
        self._declared = template.parameters
        self._values: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        unknown = [name for name in inputs if name not in self._declared]
        if unknown:
            raise UserError(_unknown(template, unknown))
        missing = [
            name for name, declared in self._declared.items() if name not in inputs and "Default" not in declared
        ]
        if missing:
            raise UserError(
                f"The parameters {listed(missing)} of the stack {template.name!r} have neither a default nor an "
                f"input. Give them: inputs={{{missing[0]!r}: …}}."
            )
        for name, declared in self._declared.items():
            self._given[name] = inputs.get(name, declared.get("Default"))

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def value(self, name: str) -> Any:
        """What `Ref` of the parameter yields: text or a list of texts, as in CloudFormation."""
        if name not in self._values:
            self._values[name] = self._made(name)
        return self._values[name]

    def _made(self, name: str) -> Any:
        kind = str(self._declared[name]["Type"])
        given = self._given[name]
        if kind.startswith(_SSM_VALUE):
            return self._from_ssm(name, kind, given)
        return lift(_texts if _is_list(kind) else text, given)

    def _from_ssm(self, name: str, kind: str, given: Any) -> Any:
        # Such a parameter holds the name of one of SSM, and stands for what lies there.
        function = "get_ssm_parameter_list_output" if "List<" in kind else "get_ssm_parameter_string_output"
        if not isinstance(given, str | pulumi.Output):
            raise NotExpressible(
                Place(f"parameter '{name}'"), f"the name of a parameter of SSM is text, not {given!r}."
            )
        answer = getattr(package_module(NATIVE), function)(name=given, opts=self._invoke_options)
        return answer.apply(lambda known: known.value)


def _is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _texts(value: Any) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    return [text(item).strip() for item in items]


def _unknown(template: Template, unknown: list[str]) -> str:
    near = difflib.get_close_matches(unknown[0], list(template.parameters), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    known = f"It has: {listed(list(template.parameters))}." if template.parameters else "It has none."
    return (
        f"The stack {template.name!r} has no parameters {listed(unknown)}, which inputs names.{hint} {known} Declare "
        "one with string_input, number_input or list_input in the stack factory, or with CfnParameter."
    )
