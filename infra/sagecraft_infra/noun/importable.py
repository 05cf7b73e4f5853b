"""What exists somewhere and can be written as code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagecraft_infra.code.module import Module

from .api import Api

if TYPE_CHECKING:
    from sagecraft_infra.target import Target


@dataclass(frozen=True, kw_only=True)
class Importable:
    """A kind of resource that can be imported.

    Attributes:
        name: As the values of `--kind` name it.
        api: Its operations.
        write: Writes the code of one into a module; returns the identifiers of its resources, by the paths of their
            constructs, or nothing where CloudFormation has no type for it.
    """

    name: str
    api: Api
    write: "Callable[[Module, Target, str, Existing], dict[str, dict[str, str]]]"


@dataclass(frozen=True)
class Existing:
    """Something that exists.

    Attributes:
        kind: Its kind.
        name: Its name.
        description: What SageMaker's describe operation answered.
    """

    kind: Importable
    name: str
    description: dict[str, Any]

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.description[f"{self.kind.api.noun}Arn"])

    @property
    def account(self) -> str:
        """The account that it belongs to."""
        return self.arn.split(":")[4]
