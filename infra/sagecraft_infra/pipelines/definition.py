"""The definition of a pipeline, as far as people want to see it: steps, what each waits for, and parameters."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near

_BRANCHES: Final = {"IfSteps": "if", "ElseSteps": "else"}
_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "String": str,
    "Integer": int,
    "Float": (int, float),
    "Boolean": bool,
}


@dataclass(frozen=True)
class StepDefinition:
    """A step.

    Attributes:
        name: Its name.
        type: Such as `Training`.
        before: The names of the steps that it waits for.
        branch: The condition step that it stands in, and in which branch; `None` for those that stand in none.
    """

    name: str
    type: str
    before: frozenset[str]
    branch: tuple[str, str] | None = None


@dataclass(frozen=True)
class PipelineDefinition:
    """A definition.

    Attributes:
        steps: All of them, each behind those that it waits for.
        parameters: As the definition declares them, by name.
    """

    steps: tuple[StepDefinition, ...]
    parameters: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, text: str) -> "PipelineDefinition":
        """Reads a definition.

        Raises:
            UserError: It is none.
        """
        try:
            document = json.loads(text)
            steps = list(_steps(document["Steps"], None))
            parameters = {each["Name"]: each for each in document.get("Parameters", [])}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"The definition of the pipeline cannot be read: {error!r}.") from error
        return cls(tuple(_ordered(steps)), parameters)

    def values(self, given: Mapping[str, str]) -> list[dict[str, str]]:
        """The parameters of a run, as the API takes them.

        Raises:
            UserError: There is no such parameter, it takes no such value, or one without a default is missing.
        """
        for name, value in given.items():
            if name not in self.parameters:
                raise UserError(
                    f"The pipeline has no parameter '{name}'. {near(name, self.parameters, 'It has none at all.')}"
                )
            _check(self.parameters[name], value)
        missing = [name for name, each in self.parameters.items() if "DefaultValue" not in each and name not in given]
        if missing:
            wanted = " ".join(f"--parameter {name}=…" for name in missing)
            raise UserError(f"These parameters of the pipeline have no default: {', '.join(missing)}. Give {wanted}")
        return [{"Name": name, "Value": value} for name, value in given.items()]


def _check(parameter: Mapping[str, Any], value: str) -> None:
    name, kind = parameter["Name"], parameter.get("Type", "String")
    if kind != "String":
        try:
            read = json.loads(value.lower() if kind == "Boolean" else value)
        except ValueError:
            read = None
        if not isinstance(read, _KINDS[kind]) or (kind != "Boolean" and isinstance(read, bool)):
            raise UserError(f"The parameter '{name}' is of type {kind}, and '{value}' is none.")
    allowed = parameter.get("EnumValues")
    if allowed and value not in allowed:
        raise UserError(f"The parameter '{name}' takes {' or '.join(map(repr, allowed))}, not '{value}'.")


def _steps(steps: Sequence[Mapping[str, Any]], branch: tuple[str, str] | None) -> Iterator[StepDefinition]:
    for step in steps:
        arguments = step.get("Arguments", {})
        own = {name: each for name, each in arguments.items() if name not in _BRANCHES}
        before = {*step.get("DependsOn", ()), *_used({**step, "Arguments": own})}
        before |= set() if branch is None else {branch[0]}
        yield StepDefinition(step["Name"], step["Type"], frozenset(before), branch)
        for member, word in _BRANCHES.items():
            yield from _steps(arguments.get(member, ()), (step["Name"], word))


def _used(value: Any) -> Iterator[str]:
    """The steps whose results are used in a value."""
    match value:
        case {"Get": str(path), **rest} if not rest:
            if path.startswith("Steps."):
                yield path.split(".")[1]
        case Mapping():
            for each in value.values():
                yield from _used(each)
        case list():
            for each in value:
                yield from _used(each)


def _ordered(steps: Sequence[StepDefinition]) -> Iterator[StepDefinition]:
    """Steps behind those that they wait for; in a circle, which AWS refuses, as they are."""
    left = list(steps)
    while left:
        names = {step.name for step in left}
        ready = next((step for step in left if not step.before & (names - {step.name})), left[0])
        left.remove(ready)
        yield ready
