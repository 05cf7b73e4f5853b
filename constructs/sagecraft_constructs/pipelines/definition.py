"""The definition of a pipeline: its steps and parameters as AWS has them, and what is wrong with them as a whole.

Source: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_catalog import near_matches

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.reference import Reference, StepProperty, written

from .execution_variable import ExecutionVariable
from .parameter import Parameter
from .property_file import JsonGet, PropertyFile
from .steps.step import Step

VERSION: Final = "2020-12-01"
LONGEST_DEFINITION: Final = 1_048_576
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html"""
_MOST_PARAMETERS: Final = 200
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html"""


@dataclass(frozen=True)
class Definition:
    """What a pipeline consists of.

    Attributes:
        document: As AWS has it, with the CDK's tokens in it.
        steps: All steps, those in branches too.
        parameters: By name.
        property_files: Those that are read.
    """

    document: Mapping[str, Any]
    steps: Sequence[Step]
    parameters: Mapping[str, Parameter]
    property_files: Sequence[PropertyFile]

    @property
    def characters(self) -> int:
        """How long the JSON is, where a token counts as the text that stands for it."""
        return len(json.dumps(self.document, default=str, separators=(",", ":")))


def define(problems: Problems, steps: Sequence[Step]) -> Definition:
    """Writes the definition of a pipeline of these steps.

    Args:
        problems: Where what is wrong is noted.
        steps: Those that are in no branch of another.

    Raises:
        InvalidProps: Something was.
    """
    writing = _Writing(problems, steps)
    problems.raise_any()
    requests = [writing.step(each) for each in steps]
    writing.declare_property_files()
    writing.check()
    document = {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": [each.declaration() for each in writing.parameters.values()],
        "Steps": requests,
    }
    definition = Definition(document, writing.steps, writing.parameters, tuple(writing.property_files.values()))
    if definition.characters > LONGEST_DEFINITION:
        problems.add(
            "steps",
            f"make a definition of {definition.characters} characters; SageMaker takes {LONGEST_DEFINITION}. Make two "
            "pipelines of it, of which the first starts the second.",
        )
    problems.raise_any()
    return definition


class _Writing:
    def __init__(self, problems: Problems, steps: Sequence[Step]) -> None:
        self._problems = problems
        self.steps = list(_all(steps))
        self.parameters: dict[str, Parameter] = {}
        self.property_files: dict[tuple[str, str], PropertyFile] = {}
        self._requests: dict[str, dict[str, Any]] = {}
        self._names: dict[int, str] = {}
        self._before: dict[str, dict[str, None]] = {step.name: {} for step in self.steps}
        self._check_names(steps)

    def _check_names(self, steps: Sequence[Step]) -> None:
        if not steps:
            self._problems.add("steps", "is empty; a pipeline has at least one step.")
        for name, count in Counter(step.name for step in self.steps).items():
            if count > 1:
                self._problems.add("steps", f"{count} are called '{name}'; give each a name of its own.")
        for step in self.steps:
            first = self._names.setdefault(id(step.owner), step.name)
            if first != step.name:
                self._problems.add(
                    "steps", f"'{first}' and '{step.name}' run the same job; declare a job for each of them."
                )

    def step(self, step: Step) -> dict[str, Any]:
        """A step as AWS has it."""
        names = list(dict.fromkeys(self._explicit(step)))
        self._before[step.name] |= dict.fromkeys(names)
        request: dict[str, Any] = written(
            step.request(ExecutionVariable.PIPELINE_EXECUTION_ID.text, names),
            lambda reference: self._reference(step, reference),
        )
        for member, branch in step.branches.items():
            request["Arguments"][member] = [self.step(each) for each in branch]
            for each in branch:
                self._before[each.name][step.name] = None
        self._requests[step.name] = request
        return request

    def declare_property_files(self) -> None:
        """Adds the property files that are read to the steps that write them."""
        for (name, _), file in self.property_files.items():
            self._requests[name].setdefault("PropertyFiles", []).append(file.declaration())

    def _explicit(self, step: Step) -> Iterator[str]:
        for each in step.depends_on:
            name = each if isinstance(each, str) else self._names.get(id(each))
            told = each.node.path if isinstance(each, Job) else each.name if isinstance(each, Step) else each
            if name is None or name not in self._before:
                near = near_matches(str(told), self._before)
                hint = f" Did you mean {', '.join(near)}?" if near else f" There are {', '.join(self._before)}."
                self._problems.add("depends_on", f"'{step.name}' waits for '{told}', which is no step of it.{hint}")
            else:
                yield name

    def _reference(self, step: Step, reference: Reference) -> dict[str, Any]:
        match reference:
            case Parameter():
                known = self.parameters.setdefault(reference.name, reference)
                if known is not reference and known.declaration() != reference.declaration():
                    self._problems.add(
                        "parameters", f"two are called '{reference.name}', and differ; declare it once, and use that."
                    )
            case JsonGet(file=file):
                self._read(file)

        def name_of(owner: object) -> str:
            name = self._names.get(id(owner))
            if name is None:
                told = (
                    f"'{owner.node.path}'" if isinstance(owner, Job) else f"the step '{getattr(owner, 'name', owner)}'"
                )
                self._problems.add(
                    "steps", f"'{step.name}' uses {_what(reference)} of {told}, which is no step of it; add it."
                )
                return "?"
            self._before[step.name][name] = None
            return name

        return reference.expression(name_of)

    def _read(self, file: PropertyFile) -> None:
        name = self._names.get(id(file.job))
        if name is None:
            return
        known = self.property_files.setdefault((name, file.name), file)
        if known.declaration() != file.declaration():
            self._problems.add(
                "steps", f"two property files of '{name}' are called '{file.name}'; give each a name of its own."
            )

    def check(self) -> None:
        """Notes what is wrong with what was written."""
        if len(self.parameters) > _MOST_PARAMETERS:
            self._problems.add(
                "parameters", f"there are {len(self.parameters)}; SageMaker takes at most {_MOST_PARAMETERS}."
            )
        circle = _circle(self._before)
        if len(circle) == 1:
            self._problems.add("steps", f"'{circle[0]}' waits for itself; take that out of its 'depends_on'.")
        elif circle:
            way = " → ".join(f"'{name}'" for name in (*circle, circle[0]))
            self._problems.add("steps", f"wait for each other in a circle: {way}. Take one of these out.")


def _all(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        for branch in step.branches.values():
            yield from _all(branch)


def _what(reference: Reference) -> str:
    match reference:
        case StepProperty(path=path):
            return f"'{path}'"
        case JsonGet(file=file):
            return f"the property file '{file.name}'"
        case _:
            return reference.told


def _circle(before: Mapping[str, Mapping[str, None]]) -> list[str]:
    """Steps that wait for each other, each for the one behind it; nothing if there are none."""
    done: set[str] = set()

    def search(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        for each in before[name]:
            if found := search(each, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in before if (found := search(name, []))), [])
