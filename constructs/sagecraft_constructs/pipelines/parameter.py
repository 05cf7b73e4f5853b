"""The parameters of a pipeline: what a run may be started with."""

import math
import re
from abc import ABC
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.job.reference import NameOf, Reference
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

_NAME: Final = re.compile(r"[A-Za-z0-9\-_]{1,64}")
"""Source: `ParameterName` of AWS's JSON schema of pipeline definitions,
https://github.com/aws-sagemaker-mlops/sagemaker-model-building-pipeline-definition-JSON-schema
"""
_LONGEST_TEXT: Final = 4096
ParameterValue = str | int | float | bool


class Parameter(Reference, ABC):
    """Something that a run of a pipeline may be started with.

    A pipeline declares the parameters that its steps use.

    Attributes:
        name: Its name in the pipeline.
        default: What holds for a run that says nothing; `None` where each has to say.
    """

    parameter_type: ClassVar[str]
    _kinds: ClassVar[tuple[type, ...]]
    _word: ClassVar[str]

    def __init__(self, name: str, default: ParameterValue | None, enum: Sequence[ParameterValue] | None) -> None:
        problems = Problems(f"{type(self).__name__} '{name}'")
        problems.require_known(name=name, default=default, enum=enum)
        if not is_token(name) and _NAME.fullmatch(name) is None:
            problems.add("name", f"'{name}' does not match {_NAME.pattern}: use letters, digits, '-' and '_'.")
        self.name = name
        self.default = default
        self._enum = None if enum is None else tuple(enum)
        if self._enum is not None and not self._enum:
            problems.add("enum", "is empty, so no value could be given; name the values, or leave it out.")
        elif default is not None and (problem := self.problem_with(default)) is not None:
            problems.add("default", problem)
        problems.raise_any()

    def problem_with(self, value: ParameterValue) -> str | None:
        """Why a run cannot be started with a value, in a sentence; `None` if it can."""
        if not isinstance(value, self._kinds) or (isinstance(value, bool) and bool not in self._kinds):
            return f"should be {self._word}, got {value!r}."
        if isinstance(value, float) and not math.isfinite(value):
            return f"should be {self._word}, got {value}."
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            return f"has {len(value)} characters; at most {_LONGEST_TEXT} are taken."
        if self._enum is not None and value not in self._enum:
            return f"should be {' or '.join(repr(each) for each in self._enum)}, got {value!r}."
        return None

    def as_text(self, value: ParameterValue) -> str:
        """A value, as a run is started with it.

        Raises:
            InvalidProps: It is of another type, or none of those that are allowed.
        """
        if not is_token(value) and (problem := self.problem_with(value)) is not None:
            raise InvalidProps(f"{type(self).__name__} '{self.name}'", [f"value: {problem}"])
        return ("true" if value else "false") if isinstance(value, bool) else str(value)

    def declaration(self) -> dict[str, Any]:
        """As a pipeline's definition declares it."""
        enum = None if self._enum is None else list(self._enum)
        return present(Name=self.name, Type=self.parameter_type, DefaultValue=self.default, EnumValues=enum)

    def expression(self, name_of: NameOf) -> dict[str, Any]:
        """The value that the run was started with."""
        del name_of
        return {"Get": f"Parameters.{self.name}"}

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.parameter_type == "String"

    @property
    def told(self) -> str:
        """Its name."""
        return f"The parameter '{self.name}'"


class ParameterString(Parameter):
    """A text that a run may be started with.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-parameters.html
    """

    parameter_type: ClassVar[str] = "String"
    _kinds: ClassVar[tuple[type, ...]] = (str,)
    _word: ClassVar[str] = "a string"

    @check_props
    def __init__(self, *, name: str, default: str | None = None, enum: Sequence[str] | None = None) -> None:
        """Declares the parameter.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            default: Left out, each run has to be started with a value.
            enum: The values that are allowed. Left out, all are.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(name, default, enum)

    @property
    def value(self) -> str:
        """The value, for a prop or in a text."""
        return self.text


class ParameterInteger(Parameter):
    """A whole number that a run may be started with."""

    parameter_type: ClassVar[str] = "Integer"
    _kinds: ClassVar[tuple[type, ...]] = (int,)
    _word: ClassVar[str] = "a whole number"

    @check_props
    def __init__(self, *, name: str, default: int | None = None) -> None:
        """Declares the parameter.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            default: Left out, each run has to be started with a value.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(name, default, None)

    @property
    def value(self) -> int:
        """The value, for a prop; in a text it is written `.text`."""
        return self.number  # type: ignore[return-value]  # what the CDK has numbers stand for is a float


class ParameterFloat(Parameter):
    """A number that a run may be started with."""

    parameter_type: ClassVar[str] = "Float"
    _kinds: ClassVar[tuple[type, ...]] = (int, float)
    _word: ClassVar[str] = "a number"

    @check_props
    def __init__(self, *, name: str, default: float | None = None) -> None:
        """Declares the parameter.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            default: Left out, each run has to be started with a value.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(name, default, None)

    @property
    def value(self) -> float:
        """The value, for a prop; in a text it is written `.text`."""
        return self.number


class ParameterBoolean(Parameter):
    """A yes or no that a run may be started with, for a `Condition` or the inputs of a function."""

    parameter_type: ClassVar[str] = "Boolean"
    _kinds: ClassVar[tuple[type, ...]] = (bool,)
    _word: ClassVar[str] = "True or False"

    @check_props
    def __init__(self, *, name: str, default: bool | None = None) -> None:
        """Declares the parameter.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            default: Left out, each run has to be started with a value.

        Raises:
            InvalidProps: With every problem.
        """
        super().__init__(name, default, None)
