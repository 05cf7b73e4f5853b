"""What is wrong with a definition, before any of it runs.

Sources of AWS's words: https://github.com/aws/sagemaker-python-sdk/issues/2345, /issues/3908, /issues/4994 and
/pull/3472. What no public source has the words of is said in our own, behind AWS's beginning.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_catalog.near_match import did_you_mean

from sagecraft_emulator.api.service_model import operation_model
from sagecraft_emulator.errors import ApiError, validation_error

from . import condition, parameter, retry
from .document import BRANCHES, CONDITION, Definition, Step, flattened
from .duration import seconds_of
from .expression import is_expression, references
from .reference import EXECUTION, PARAMETERS, PROPERTY_FILES, STEPS, PathError, Reference
from .step_type import API, BASELINES, BEST_CANDIDATE, CHECKS, FUNCTIONS, NOT_RUN, OUTPUT_PARAMETERS, REPORTS, TYPES

if TYPE_CHECKING:
    from botocore.model import Shape

VERSION: Final = "2020-12-01"
LARGEST_BYTES: Final = 1 << 20
"""Source: the length of `PipelineDefinition` in SageMaker's service model; it holds for one in S3 as well."""
VARIABLES: Final = (
    "StartDateTime",
    "CurrentDateTime",
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
)
_NAME: Final = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_NEEDED: Final = {"Lambda": ("FunctionArn",), "Callback": ("SqsQueueUrl",)}
_LEFT_OUT: Final = {"RegisterModel": "ModelPackageName"}
"""Members of requests that arguments may not have."""


def read(text: str) -> Definition:
    """Reads a definition.

    Raises:
        ApiError: It is none, or something in it is wrong; all that is, in one message.
    """
    if len(text.encode()) > LARGEST_BYTES:
        raise _unreadable(f"It has {len(text.encode()):,} bytes, and may have {LARGEST_BYTES:,} at most.")
    try:
        members = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"It is not JSON: {error}.") from None
    if not isinstance(members, dict):
        raise _unreadable("Expecting start of Json Object.")
    if members.get("Version") != VERSION:
        raise _unreadable(f"'Version' must be '{VERSION}', got {members.get('Version')!r}.")
    for problems in (_shape_problems(members), _step_problems(members), _graph_problems(members)):
        if found := list(dict.fromkeys(problems)):  # what comes later would fail of the same, or say it twice
            raise _unreadable(" ".join(found))
    return Definition(members)


def _unreadable(message: str) -> ApiError:
    return validation_error(f"Unable to parse pipeline definition. {message}")


def _shape_problems(members: Mapping[str, Any]) -> Iterator[str]:
    """What does not look like parameters and steps."""
    parameters = members.get("Parameters", [])
    if not isinstance(parameters, list):
        yield "Expecting start of Json Array. 'Parameters' must be a list."
    else:
        for each in parameters:
            yield from parameter.problems(each)
        named = (str(each.get("Name")) for each in parameters if isinstance(each, Mapping))
        yield from _twice("parameters", named)
    if not isinstance(members.get("Steps"), list):
        yield "Expecting start of Json Array. 'Steps' must be a list."
        return
    if not members["Steps"]:
        yield "A pipeline needs a step or more, got none."
    for step in flattened(members["Steps"]):
        name, kind = step.members.get("Name"), step.members.get("Type")
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            yield f"The name of a step must match {_NAME.pattern}, got {name!r}."
        elif kind not in TYPES:
            known = ", ".join(sorted(TYPES))
            yield f"The type of the step '{name}' must be one of {known}, got {kind!r}.{did_you_mean(str(kind), TYPES)}"
        elif not isinstance(step.members.get("Arguments", {}), Mapping):
            yield f"Expecting start of Json Object. 'Arguments' of the step '{name}' must be one."
        elif not isinstance(step.members.get("DependsOn", []), list):
            yield f"Expecting start of Json Array. 'DependsOn' of the step '{name}' must be a list."
    yield from _twice("steps", (str(step.members.get("Name")) for step in flattened(members["Steps"])))


def _twice(what: str, names: Iterator[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"The names of {what} must be unique, got '{name}' {count} times."


def _step_problems(members: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with single steps."""
    for step in flattened(members["Steps"]):
        for problem in _problems_of(step):
            yield f"{problem} (step '{step.name}')"


def _problems_of(step: Step) -> Iterator[str]:
    if step.type in API:
        operation = operation_model(API[step.type].operation(step.arguments))
        assert operation.input_shape is not None, step.type  # noqa: S101 - every Create operation has one
        yield from _argument_problems(operation.input_shape, step.arguments, _LEFT_OUT.get(step.type))
    elif step.type == CONDITION:
        yield from _condition_problems(step)
    for member in _NEEDED.get(step.type, ()):
        if member not in step.members:
            yield f"A {step.type} step needs '{member}'."
    yield from _option_problems(step)


def _option_problems(step: Step) -> Iterator[str]:
    for output in step.members.get(OUTPUT_PARAMETERS, ()) if step.type in FUNCTIONS else ():
        if output.get("OutputType") not in parameter.TYPES:
            known = ", ".join(parameter.TYPES)
            yield f"The type of an output must be one of {known}, got {output.get('OutputType')!r}."
    expiry = step.members.get("CacheConfig", {}).get("ExpireAfter")
    if expiry is not None and seconds_of(str(expiry)) is None:
        yield f"'ExpireAfter' must be a duration of ISO 8601 such as 'P30D', got '{expiry}'."
    for policy in step.members.get("RetryPolicies", ()):
        for each in policy.get("ExceptionType", ()):
            if each not in retry.TYPES:
                yield f"'ExceptionType' of a retry policy must be of {', '.join(retry.TYPES)}, got '{each}'."


def _condition_problems(step: Step) -> Iterator[str]:
    conditions = step.arguments.get("Conditions")
    if not isinstance(conditions, list) or not conditions:
        yield "A Condition step needs 'Conditions', a list of one or more."
        return
    for each in conditions:
        yield from condition.problems(each)
    for branch in BRANCHES:
        if not isinstance(step.members["Arguments"].get(branch, []), list):
            yield f"Expecting start of Json Array. '{branch}' must be a list."


def _argument_problems(shape: "Shape", value: Any, left_out: str | None = None) -> Iterator[str]:
    """What the request of a step has that its operation has not; what it lacks, the operation says itself."""
    from botocore.model import ListShape, MapShape, StructureShape  # noqa: PLC0415 - slow, and not needed at the start

    match shape:
        case StructureShape() | MapShape() if not isinstance(value, Mapping):
            yield "Expecting start of Json Object."
        case ListShape() if not isinstance(value, list):
            yield "Expecting start of Json Array."
        case StructureShape():
            known = set(shape.members) - {left_out}
            for name, each in value.items():
                if name not in known:
                    yield f"Unknown Argument member '{name}'.{did_you_mean(name, known)}"
                elif each is not None:
                    yield from _argument_problems(shape.members[name], each)
        case ListShape() | MapShape():
            inner = shape.member if isinstance(shape, ListShape) else shape.value
            for each in value if isinstance(value, list) else value.values():
                yield from _argument_problems(inner, each)
        case _:
            yield from _scalar_problems(shape, value)


def _scalar_problems(shape: "Shape", value: Any) -> Iterator[str]:
    allowed = getattr(shape, "enum", None)
    if allowed and isinstance(value, str) and value not in allowed:
        yield (
            f"Model Validation failed: Value '{value}' for '{shape.name}' failed to satisfy enum value set: "
            f"[{', '.join(allowed)}]"
        )
    elif isinstance(value, Mapping | list) and not is_expression(value):
        yield f"Expecting a value of type {shape.type_name}, got {json.dumps(value)[:100]}."


def _graph_problems(members: Mapping[str, Any]) -> Iterator[str]:
    """What steps need and is not there, and circles; nothing of a definition that is refused for its types of steps."""
    definition = Definition(members)
    steps = definition.steps
    if any(step.type in NOT_RUN for step in steps.values()):
        return
    for step in steps.values():
        for name in step.members.get("DependsOn", ()):
            if name not in steps:
                meant = did_you_mean(str(name), steps)
                yield f"The step '{step.name}' depends on '{name}', and there is no such step.{meant}"
        try:
            for each in references(step.evaluated):
                if (problem := _reference_problem(each, definition)) is not None:
                    yield f"The step '{step.name}' uses '{each.text}', and {problem}"
        except PathError as error:
            yield f"The step '{step.name}': {error}"
            return
    if all(name in steps for step in steps.values() for name in step.needs) and (circle := _circle(steps)):
        if len(circle) == 1:
            yield f"The step '{circle[0]}' depends on itself."
        else:
            yield f"Steps depend on each other in a circle: {' -> '.join([*circle, circle[0]])}."


def _reference_problem(reference: Reference, definition: Definition) -> str | None:
    """Why there is nothing that a reference names; None where there is."""
    known: Any
    match reference.root:
        case str(root) if root == PARAMETERS:
            known = definition.parameters
        case str(root) if root == EXECUTION:
            known = VARIABLES
        case _:
            known = definition.steps
    if reference.name not in known:
        noun = {PARAMETERS: "parameter", EXECUTION: "variable of an execution", STEPS: "step"}[reference.root]
        return f"there is no {noun} '{reference.name}'.{did_you_mean(reference.name, known)}"
    return _property_problem(reference, definition.steps[reference.name]) if reference.root == STEPS else None


def _property_problem(reference: Reference, step: Step) -> str | None:
    if not reference.path:
        return f"it names no property of the step '{step.name}'."
    first, *rest = reference.path
    if first == PROPERTY_FILES:
        files = [each.get("PropertyFileName") for each in step.members.get(PROPERTY_FILES, ())]
        if rest[:1] != [] and rest[0] in files:
            return None
        return (
            f"the step '{step.name}' has no property file of that name. It has: {', '.join(map(str, files)) or 'none'}."
        )
    if step.type in FUNCTIONS:
        outputs = [each.get("OutputName") for each in step.members.get(OUTPUT_PARAMETERS, ())]
        if first == OUTPUT_PARAMETERS and rest[:1] != [] and rest[0] in outputs:
            return None
        return (
            f"the step '{step.name}' does not put that out. It puts out: {', '.join(map(str, outputs)) or 'nothing'}."
        )
    if step.type == CONDITION:
        return None if reference.path == ("Outcome",) else f"the Condition step '{step.name}' has 'Outcome' alone."
    if first == BEST_CANDIDATE and step.type == "AutoML":
        return None if rest in [[each] for each in REPORTS] else f"'{first}' has {' and '.join(REPORTS)}."
    if step.type in NOT_RUN or (step.type in CHECKS and first in BASELINES):
        return None
    if step.type == "Fail":
        return f"the step '{step.name}' fails, and has no properties."
    return _shape_problem(reference, step)


def _shape_problem(reference: Reference, step: Step) -> str | None:
    """Why the answers that a step's properties are read from do not have a member."""
    from botocore.model import ListShape, MapShape, StructureShape  # noqa: PLC0415 - as above

    shapes = [operation_model(each).output_shape for each in API[step.type].properties]
    shape: Any = next((each for each in shapes if each is not None and reference.path[0] in each.members), shapes[0])
    for part in reference.path:
        match shape:
            case StructureShape() if part in shape.members:
                shape = shape.members[part]
            case StructureShape():
                return f"there is no property '{part}' there.{did_you_mean(str(part), list(shape.members))}"
            case ListShape():
                shape = shape.member
            case MapShape():
                shape = shape.value
            case _:
                return f"there is nothing below a property of type {shape.type_name}."
    return None


def _circle(steps: Mapping[str, Step]) -> list[str]:
    """The steps of a circle, in order; none where there is none."""
    done: set[str] = set()
    way: list[str] = []

    def walk(name: str) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        way.append(name)
        for needed in sorted(steps[name].needs):
            if found := walk(needed):
                return found
        way.pop()
        done.add(name)
        return []

    for name in steps:
        if found := walk(name):
            return found
    return []
