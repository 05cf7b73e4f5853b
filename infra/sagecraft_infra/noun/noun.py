"""What a noun's folder exports: one value that says all that the rest of this room needs to know of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sagecraft_catalog.charge.charge import Rules
from sagecraft_catalog.charge.surroundings import SURROUNDINGS

from .component import Component
from .holder import Holder
from .importable import Importable
from .job import JobKind
from .log import Logged
from .look import Look
from .section import Section


@dataclass(frozen=True, kw_only=True)
class Noun:
    """A noun of SageMaker's: one kind of resource, or a few that belong together.

    Attributes:
        look: What pictures show of it.
        job: The kind of its jobs, if it has some.
        sections: What inventories tell of it.
        logged: What of it writes a log and is no job.
        importables: What of it can be imported.
        components: Which of its constructs are components of Pulumi.
        costs: What its resources are charged for, by their type.
        holders: What of it takes of quotas for as long as it stands.
    """

    look: Look = field(default_factory=Look)
    job: JobKind | None = None
    sections: tuple[Section[Any], ...] = ()
    logged: tuple[Logged, ...] = ()
    importables: tuple[Importable, ...] = ()
    components: tuple[Component, ...] = ()
    costs: Rules = field(default_factory=dict)
    holders: tuple[Holder, ...] = ()


class Nouns:
    """Nouns, and what they say together.

    Args:
        nouns: In the order in which commands tell of them.
    """

    def __init__(self, *nouns: Noun) -> None:
        self._nouns = nouns
        self.looks = tuple(noun.look for noun in nouns)
        self.jobs = tuple(noun.job for noun in nouns if noun.job is not None)
        self.sections = tuple(section for noun in nouns for section in noun.sections)
        self.logged = tuple(logged for noun in nouns for logged in noun.logged)
        self.importables = tuple(importable for noun in nouns for importable in noun.importables)
        self.costs: Rules = {**SURROUNDINGS, **{type_: rule for noun in nouns for type_, rule in noun.costs.items()}}
        self.holders = tuple(holder for noun in nouns for holder in noun.holders)
        self.components = tuple(component for noun in nouns for component in noun.components)

    def __iter__(self) -> Iterator[Noun]:
        return iter(self._nouns)

    def with_(self, *nouns: Noun) -> "Nouns":
        """These, and others behind them."""
        return Nouns(*self._nouns, *nouns)

    @property
    def jobs_alone(self) -> tuple[JobKind, ...]:
        """The kinds of jobs that no inventory tells of."""
        return tuple(noun.job for noun in self._nouns if noun.job is not None and not noun.sections)
