"""Targets of rules and schedules that ministack knows no service of: it logs that they are not supported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Takes = Callable[[str], bool]
"""Whether a target is delivered to here, by its ARN."""
Deliver = Callable[[Mapping[str, Any], Mapping[str, Any]], None]
"""Delivers an event to a target: the target, and the event as its patterns see it. It must return soon."""


def add_targets(module: Any, takes: Takes, deliver: Deliver) -> None:
    """Has ministack's EventBridge, and its Scheduler by it, deliver to targets; once, however often it is called.

    Args:
        module: ministack's own.
        takes: Which.
        deliver: How.
    """
    own = module._invoke_target  # noqa: SLF001 - ministack has no public way to this
    if not isinstance(own, _InvokeTarget):
        module._invoke_target = _InvokeTarget(own, module._pattern_event_view, takes, deliver)  # noqa: SLF001 - as above


@dataclass(frozen=True)
class _InvokeTarget:
    """Ministack's delivery to a target, and ours."""

    own: Callable[..., None]
    view: Callable[[Any], Any]
    takes: Takes
    deliver: Deliver

    def __call__(self, target: Mapping[str, Any], event: Any, rule: Any, view: Any = None) -> None:
        if self.takes(str(target.get("Arn", ""))):
            self.deliver(target, (view or self.view(event)).event_with_detail())
        else:
            self.own(target, event, rule, view)
