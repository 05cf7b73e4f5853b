"""What of a noun takes of quotas for as long as it stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sagecraft_catalog.quota.demand import Demands


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Resources of one type.

    Attributes:
        resource_type: Their type in templates.
        held: Their names in a region, by SageMaker's client there, and what each takes as it stands.
    """

    resource_type: str
    held: Callable[[Any], Iterator[tuple[str, Demands]]]
