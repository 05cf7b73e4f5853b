"""An event of a service, on its way to EventBridge."""

from collections.abc import Mapping
from dataclasses import dataclass
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
        resource: The ARN of what it happened to.
        detail: The rest; what JSON can hold.
    """

    account: str
    region: str
    time: float
    source: str
    detail_type: str
    resource: str
    detail: Mapping[str, Any]
