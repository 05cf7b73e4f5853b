"""What a target of EventBridge's rules and of Scheduler's schedules does whose ARN is SageMaker's.

There are two families, as of state machines' tasks: the ARN of a resource, such as a pipeline's, with its parameters in
`SageMakerPipelineParameters`; and `arn:aws:scheduler:::aws-sdk:sagemaker:` with any operation, whose request is the
input.

Sources: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.errors import ApiError

logger = logging.getLogger(__name__)

SDK: Final = ":scheduler:::aws-sdk:sagemaker:"
_ARN: Final = ":sagemaker:"
_PATH: Final = "$."


@dataclass(frozen=True)
class Delivery:
    """An event on its way to a target.

    Attributes:
        target: It, as the rule or the schedule has it.
        event: What happened.
        caller: Whose rule or schedule it is.
    """

    target: Mapping[str, Any]
    event: Mapping[str, Any]
    caller: Caller


MakeRequest = Callable[[Mapping[str, Any], Callable[[str], str]], tuple[str, dict[str, Any]]]
"""The operation and the request of a target; the other argument gives a text with its path into the event looked up."""


class TargetIntegration:
    """Delivers to targets. Safe for use from several threads.

    Args:
        service: What the targets call.
        targets: Makes the request of a target, by the type of resource in its ARN.
    """

    def __init__(self, service: SageMakerService, targets: Mapping[str, MakeRequest]) -> None:
        self._service, self._targets = service, targets

    def takes(self, arn: str) -> bool:
        """Whether a target is SageMaker's."""
        return SDK in arn or (_ARN in arn and _type_in(arn) in self._targets)

    def deliver(self, delivery: Delivery) -> None:
        """Does what a target asks for; what is refused is logged, as nobody waits for it."""
        arn = str(delivery.target["Arn"])
        try:
            if SDK in arn:
                action = arn.partition(SDK)[2]
                operation, request = action[:1].upper() + action[1:], json.loads(delivery.target.get("Input") or "{}")
            else:
                operation, request = self._targets[_type_in(arn)](
                    delivery.target, lambda text: _looked_up(text, delivery.event)
                )
            self._service.call(operation, {"ClientRequestToken": str(uuid.uuid4()), **request}, delivery.caller)
        except (ApiError, ValueError) as error:
            logger.warning("The target %s of an event was not called: %s", arn, error)


def _type_in(arn: str) -> str:
    return arn.split(":", 5)[-1].partition("/")[0]


def _looked_up(text: str, event: Mapping[str, Any]) -> str:
    """A text that is a path into the event, such as `$.detail.key`, as what is there; another as it is."""
    if not text.startswith(_PATH):
        return text
    found: Any = event
    for name in text.removeprefix(_PATH).split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else json.dumps(found)
