"""What looks at the templates of an app when it is synthesized, and lets it end well or not."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jsii
from aws_cdk import (
    IAspect,
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyValidationStack,
    PolicyViolatingResource,
    PolicyViolation,
    Validations,
)
from constructs import IConstruct
from sagecraft_catalog.charge.estimate import Estimate, ResourceCost, estimate
from sagecraft_catalog.charge.resource import StackTemplate
from sagecraft_catalog.charge.rules import RULES
from sagecraft_catalog.price.book import bundled_prices


@dataclass(frozen=True)
class Violation:
    """Something that is not as it should be.

    Attributes:
        rule: The name of the rule.
        told: What is wrong.
        fix: What to change.
        costs: The resources.
        is_error: Whether the app should not be synthesized for it.
    """

    rule: str
    told: str
    fix: str
    costs: tuple[ResourceCost, ...]
    is_error: bool = True


class _Looks(ABC):
    """What a gate looks for; the CDK's classes of callbacks have a metaclass of their own."""

    @abstractmethod
    def _violations(self, found: Estimate) -> Iterable[Violation]:
        """What is wrong with what an app costs."""


@jsii.implements(IAspect, IPolicyValidationPlugin)
class Gate(_Looks):
    """A validation plugin of the CDK that reads the templates of an app once they are written.

    `Validations.of(app).add_plugins(gate)` has it look at a whole app or stage. As an aspect, `Aspects.of(scope)
    .add(gate)`, it looks at the stacks at and below a scope.

    Source: https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._scopes: list[str] = []

    @property
    def name(self) -> str:
        """What the CDK's report calls it."""
        return self._name

    @property
    def version(self) -> str | None:
        """None: it is that of the package."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """None: nobody collects them."""
        return None

    def visit(self, node: IConstruct) -> None:
        """Looks at the stacks at and below a node, too; the CDK calls it for each node that an aspect is added to."""
        path = node.node.path
        if any(_is_below(path, scope) for scope in self._scopes):
            return
        if not self._scopes:
            Validations.of(node.node.root).add_plugins(self)
        self._scopes.append(path)

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """What is wrong; the CDK calls it with the templates that it has written."""
        stacks = [each for each in context.stack_templates if self._looks_at(each.stack_construct_path)]
        found = estimate([_template(stack) for stack in stacks], bundled_prices(), RULES)
        files = {stack.stack_construct_path: stack.template_path for stack in stacks}
        violations = list(self._violations(found))
        return PolicyValidationPluginReport(
            success=not any(each.is_error for each in violations),
            violations=[_reported(each, files) for each in violations],
        )

    def _looks_at(self, path: str) -> bool:
        return not self._scopes or any(_is_below(path, scope) for scope in self._scopes)


def _is_below(path: str, scope: str) -> bool:
    return scope in {"", path} or path.startswith(f"{scope}/")


def _template(stack: PolicyValidationStack) -> StackTemplate:
    file = Path(stack.template_path)
    template = json.loads(file.read_text(encoding="utf-8"))
    return StackTemplate(stack.stack_construct_path, stack.region or "", template, file.parent)


def _reported(violation: Violation, files: dict[str, str]) -> PolicyViolation:
    return PolicyViolation(
        rule_name=violation.rule,
        description=violation.told,
        fix=violation.fix,
        severity="error" if violation.is_error else "warning",
        violating_resources=[
            PolicyViolatingResource(
                resource_logical_id=cost.resource.logical_id,
                template_path=next(file for path, file in files.items() if _is_below(cost.resource.stack, path)),
                construct_path=cost.resource.path,
                locations=[],
            )
            for cost in violation.costs
        ],
    )


def named(costs: Sequence[ResourceCost]) -> str:
    """The paths of resources."""
    return ", ".join(f"'{cost.resource.path}'" for cost in costs)
