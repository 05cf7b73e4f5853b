"""Expressions in a definition: `Get`, `Std:Join` and `Std:JsonGet`.

Source: `src/sagemaker/workflow/functions.py` of https://github.com/aws/sagemaker-python-sdk, which writes them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from sagecraft_emulator.errors import JobFailed

from .reference import PathError, Reference, parse_path, value_at

GET, JOIN, JSON_GET = FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
_PATH_PREFIX: Final = "$"


class Scope(Protocol):
    """What expressions are evaluated in."""

    def value(self, reference: Reference) -> Any:
        """What a `Get` gives.

        Raises:
            JobFailed: Nothing.
        """

    def file(self, reference: Reference) -> str:
        """The URI of a property file.

        Raises:
            JobFailed: There is none.
        """

    def content(self, uri: str) -> Any:
        """The JSON that an object in S3 holds.

        Raises:
            JobFailed: It is not there, or holds none.
        """


def is_expression(value: object) -> bool:
    """Whether a value is evaluated, and does not stand for itself."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in FUNCTIONS


def evaluate(value: Any, scope: Scope) -> Any:
    """A value with its expressions evaluated.

    Raises:
        JobFailed: One of them has no value.
    """
    if isinstance(value, list):
        return [evaluate(each, scope) for each in value]
    if not isinstance(value, Mapping):
        return value
    if not is_expression(value):
        return {name: evaluate(each, scope) for name, each in value.items()}
    ((function, argument),) = value.items()
    if function == GET:
        return scope.value(_parsed(argument))
    if function == JOIN:
        return str(argument.get("On", "")).join(as_text(evaluate(each, scope)) for each in argument["Values"])
    uri = (
        evaluate(argument["S3Uri"], scope)
        if "S3Uri" in argument
        else scope.file(_parsed(argument["PropertyFile"][GET]))
    )
    path = str(argument["Path"])
    try:
        return value_at(scope.content(uri), parse_path(path.removeprefix(_PATH_PREFIX)))
    except PathError as error:
        raise JobFailed(f"ClientError: Std:JsonGet of '{path}' in {uri}: {error}") from error


def references(value: Any) -> Iterator[Reference]:
    """All that a value takes from elsewhere.

    Raises:
        PathError: A `Get` is none.
    """
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, Mapping):
        if is_expression(value) and GET in value:
            yield Reference.parse(value[GET])
            return
        for each in value.values():
            yield from references(each)


def as_text(value: Any) -> str:
    """A value as `Std:Join` has it, and as parameters are answered: booleans as JSON spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _parsed(text: object) -> Reference:
    try:
        return Reference.parse(text)
    except PathError as error:
        raise JobFailed(f"ClientError: {error}") from error
