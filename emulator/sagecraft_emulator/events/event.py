"""An event of a service, on its way to EventBridge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Event:
    """An event.

    Attributes:
        account: Whose default event bus it goes to.
        region: In which region.
        time: When it happened, in epoch seconds.
        source: The service, such as `aws.sagemaker`.
        detail_type: What happened, such as `SageMaker Model State Change`.
        resources: The ARNs of what it happened to.
        make_detail: Makes the rest.
    """

    account: str
    region: str
    time: float
    source: str
    detail_type: str
    resources: tuple[str, ...]
    make_detail: Callable[[], Mapping[str, Any]]

    @cached_property
    def detail(self) -> Mapping[str, Any]:
        """The rest; what JSON can hold. It is made when it is first asked for: most events nobody waits for."""
        return self.make_detail()
