"""Conditions of templates, in which ministack takes functions of values, and of the region and account, for texts.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

_LOGIC: Final = frozenset({"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or", "Condition"})
CONDITIONS: Final = "Conditions"

Evaluate = Callable[[dict[str, Any], dict[str, Any]], dict[str, bool]]
"""Template and parameters -> what each condition is."""


def with_values(own: Evaluate, resolve: Callable[..., Any]) -> Evaluate:
    """Ministack's evaluation of conditions, given values for what stands for them.

    Args:
        own: ministack's.
        resolve: ministack's, for values elsewhere in a template.
    """

    def evaluate(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
        conditions = template.get(CONDITIONS)
        if not conditions:
            return own(template, parameters)
        value = partial(
            resolve,
            resources={},
            params=parameters,
            conditions={},
            mappings=template.get("Mappings") or {},
            stack_name="",
            stack_id="",
        )
        return own({**template, CONDITIONS: _resolved(conditions, value)}, parameters)

    return evaluate


def _resolved(expression: Any, value: Callable[[Any], Any]) -> Any:
    match expression:
        case {"Ref": str(name)}:
            return value(expression) if name.startswith("AWS::") else expression
        case Mapping() if any(name.startswith("Fn::") and name not in _LOGIC for name in expression):
            return value(expression)
        case Mapping():
            return {name: _resolved(each, value) for name, each in expression.items()}
        case list():
            return [_resolved(each, value) for each in expression]
        case _:
            return expression
