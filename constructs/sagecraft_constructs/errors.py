"""The exceptions of this package.

    ConstructError (ValueError)
    ├── InvalidProps         what was declared cannot work; every problem of the construct is in the message
    └── PreparationFailed    the function that prepares a dataset raised, or prepared nothing

All of them are the declaring program's to mend.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from constructs import Construct
from sagecraft_catalog import CatalogError

from sagecraft_constructs.tokens import is_token


class ConstructError(ValueError):
    """Root of what declaring a construct raises."""


class InvalidProps(ConstructError):
    """One or more props of a construct cannot work.

    Attributes:
        problems: One sentence per problem, each beginning with the name of the prop.
    """

    def __init__(self, subject: str, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{subject}: " + " ".join(problems))


class PreparationFailed(ConstructError):
    """A dataset's `preparation` raised, or wrote no file."""


class Problems:
    """Collects every problem of one input, to be raised once."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._inside = ""
        self._found: list[str] = []

    @classmethod
    def of(cls, scope: Construct, id: str, kind: str) -> "Problems":  # noqa: A002 - the CDK's word for it
        """Problems of the construct that is about to be made as `id` in `scope`."""
        path = f"{scope.node.path}/{id}".lstrip("/")
        return cls(f"{kind} '{path}'")

    def add(self, prop: str, problem: str) -> None:
        """Notes what is wrong with a prop."""
        self._found.append(f"{self._inside}{prop}: {problem}")

    def require_known(self, **props: object) -> None:
        """Refuses tokens for what the construct is made of; nothing else can be checked where there is one.

        Args:
            props: By name. Of a sequence, its length must be known; of a mapping, the names in it.

        Raises:
            InvalidProps: There was a token.
        """
        noted = len(self._found)
        for prop, value in props.items():
            if is_token(value):
                self.add(prop, "is a token, but must be known when the app is synthesized; give the value itself.")
            elif isinstance(value, Mapping) and any(is_token(name) for name in value):
                self.add(prop, "a name in it is a token, which only a value can be; give the name itself.")
        if len(self._found) > noted:
            raise self.error()

    def inside(self, prop: str) -> "Problems":
        """The same collection, where every problem is one of a prop's parts."""
        part = Problems(self._subject)
        part._inside = f"{self._inside}{prop}: "
        part._found = self._found
        return part

    @contextmanager
    def noting(self, prop: str) -> Iterator[None]:
        """Notes what a look-up or check raises inside the block, instead of raising it now."""
        try:
            yield
        except (CatalogError, ConstructError) as error:
            self.add(prop, str(error))

    def raise_any(self) -> None:
        """Raises what was noted.

        Raises:
            InvalidProps: Something was.
        """
        if self._found:
            raise self.error()

    def error(self) -> InvalidProps:
        """The exception that tells what was noted."""
        return InvalidProps(self._subject, self._found)
