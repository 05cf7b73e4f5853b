"""What domains and user profiles that are declared offer to spaces, and the names that are taken in domains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from constructs import Construct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.tokens import is_token

from .app import StudioApp
from .app_type import StudioAppType


@dataclass(frozen=True)
class Offer:
    """What may be chosen from.

    Attributes:
        apps: How apps start, by their types.
        largest_volume_gib: The largest volume of a space; None where the domain says it.
    """

    apps: Mapping[StudioAppType, StudioApp]
    largest_volume_gib: int | None = None


OFFERS: Final["WeakKeyDictionary[Construct, Offer]"] = WeakKeyDictionary()
"""By who offers it; of what exists already nothing is known."""
_TAKEN: Final["WeakKeyDictionary[Construct, dict[str, str]]"] = WeakKeyDictionary()
"""Of each domain: where the user or the space stands, by what it is and its name."""


def check_free(problems: Problems, domain: Construct, prop: str, name: str | None, path: str) -> None:
    """Notes a name that another user or space of a domain has; SageMaker does not tell capitals from others.

    Args:
        problems: Where to.
        domain: The domain.
        prop: What is given, such as `space_name`.
        name: The name; one that is not known is fine.
        path: Where the construct stands that is to have it.
    """
    if name is None or is_token(name):
        return
    first = _TAKEN.setdefault(domain, {}).setdefault(f"{prop} {name.lower()}", path)
    if first != path:
        problems.add(prop, f"'{name}' is that of '{first}' already, in the same domain; give another one.")
