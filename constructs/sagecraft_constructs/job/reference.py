"""Values that a run of a SageMaker pipeline alone knows: results of its steps, its parameters, its own names.

Each stands for itself in texts and numbers as a token of the CDK does, so that props take it and texts are put together
with it. The pipeline that is given what holds such a token writes AWS's expression in its place; nothing else can.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import jsii
from aws_cdk import IResolvable, IResolveContext, Token

_TEXTS: Final[dict[str, "Reference"]] = {}
_NUMBERS: Final[dict[float, "Reference"]] = {}
_TOKEN: Final = re.compile(r"\$\{Token\[[^\]]*\]\}")

NameOf = Callable[[object], str]
"""The name of the step of a pipeline that has the results of something: of a job, or of a step that is none."""


class Reference(ABC):
    """A value that a run of a pipeline alone knows."""

    @abstractmethod
    def expression(self, name_of: NameOf) -> dict[str, Any]:
        """As a pipeline's definition writes it, such as `{"Get": "Steps.Train.TrainingJobName"}`.

        Args:
            name_of: The names of the pipeline's steps.
        """

    @property
    @abstractmethod
    def told(self) -> str:
        """What it is, for messages."""

    @property
    def is_text(self) -> bool:
        """Whether the value itself is a text, and not one that has to be made a text where one is needed."""
        return True

    @cached_property
    def text(self) -> str:
        """What stands for it as a text, or in one."""
        token = Token.as_string(_Unknown(self))
        _TEXTS[token] = self
        return token

    @cached_property
    def number(self) -> float:
        """What stands for it as a number."""
        token = Token.as_number(_Unknown(self))
        _NUMBERS[token] = self
        return token


class StepProperty(Reference):
    """A property of a step.

    Args:
        owner: The job, or the step if it is none, that has the property.
        path: Below the step, such as `ModelArtifacts.S3ModelArtifacts`.
        is_text: Whether it is a text.
    """

    def __init__(self, owner: object, path: str, *, is_text: bool = True) -> None:
        self.owner = owner
        self.path = path
        self._is_text = is_text

    @property
    def is_text(self) -> bool:
        """Whether SageMaker tells it as one."""
        return self._is_text

    def expression(self, name_of: NameOf) -> dict[str, Any]:
        """The property of the step."""
        return {"Get": f"Steps.{name_of(self.owner)}.{self.path}"}

    @property
    def told(self) -> str:
        """The path."""
        return f"'{self.path}' of a step"


@jsii.implements(IResolvable)
class _Unknown:
    """What the CDK is told that a reference is: something that it cannot resolve."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    @property
    @jsii.member(jsii_name="creationStack")
    def creation_stack(self) -> list[str]:
        """Nothing: the message says what is wrong."""
        return []

    @jsii.member(jsii_name="resolve")
    def resolve(self, _: IResolveContext) -> None:
        """Refuses: the CDK has come to it in a resource of the stack.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            f"{self._reference.told} is known to a run of its pipeline alone, and this is no step of one. Give it to a "
            "job with realization=JobRealization.PIPELINE_STEP, or to another step."
        )

    @jsii.member(jsii_name="toString")
    def to_string(self) -> str:
        """What it is."""
        return self._reference.told


def as_token_text(value: float | bool) -> str:
    """The text that stands for what a number stands for, which is a token."""
    reference = _NUMBERS.get(value)
    return Token.as_string(value) if reference is None else reference.text


def meant(value: object) -> object:
    """The reference that a text or a number stands for as a whole; else the value."""
    match value:
        case str():
            return _TEXTS.get(value, value)
        case bool():
            return value
        case int() | float():
            return _NUMBERS.get(value, value)
        case _:
            return value


def written(value: Any, write: Callable[[Reference], Any]) -> Any:
    """A value with every reference in it written; a text around some becomes a `Std:Join`.

    So does a text that is nothing but what is none, such as a number: that is how AWS makes a text of it, see
    `to_string` of https://github.com/aws/sagemaker-python-sdk, `workflow/parameters.py`.

    Args:
        value: Of texts, numbers, mappings and sequences; what is anything else is left as it is.
        write: How a reference is written.
    """
    match value:
        case Reference():
            return write(value)
        case str():
            match _split(value):
                case [Reference(is_text=True) as only]:
                    return write(only)
                case [str(only)]:
                    return only
                case parts:
                    values = [write(part) if isinstance(part, Reference) else part for part in parts]
                    return {"Std:Join": {"On": "", "Values": values}}
        case bool() | None:
            return value
        case int() | float():
            reference = _NUMBERS.get(value)
            return value if reference is None else write(reference)
        case Mapping():
            return {name: written(each, write) for name, each in value.items()}
        case Sequence():
            return [written(each, write) for each in value]
        case _:
            return value


def _split(text: str) -> list[str | Reference]:
    """A text as its references, and what stands between them."""
    parts = list(_parts(text))
    return parts if parts else [text]


def _parts(text: str) -> Iterator[str | Reference]:
    begin = 0
    for token in _TOKEN.finditer(text):
        reference = _TEXTS.get(token[0])
        if reference is None:
            continue
        if token.start() > begin:
            yield text[begin : token.start()]
        yield reference
        begin = token.end()
    if begin < len(text):
        yield text[begin:]
