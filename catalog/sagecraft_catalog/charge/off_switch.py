"""The hours that an off switch saves: of what its tags select, in its account and region.

It is a function that knows by its environment what it stops, and that schedules ask to. The handlers of our own
construct say what it leaves alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from sagecraft_catalog.price.row import Component

from .charge import HOURS_A_MONTH, Cost, until_idle
from .hosting import VARIANTS, config_of
from .resource import Resource, references
from .schedule import SCHEDULE, is_on, schedule_of, weekly
from .span import NOTHING, Span

_FUNCTION: Final = "AWS::Lambda::Function"
_HANDLER: Final = "handlers.off_switch.function.handle"
_HOUR_SECONDS: Final = 3600
_ENDPOINT: Final = "AWS::SageMaker::Endpoint"


@dataclass(frozen=True)
class _Kind:
    """A kind of what is stopped.

    Attributes:
        arn_type: As the switch has it.
        components: What it is not charged for while it is off.
        is_idle: Whether the switch sees that nobody uses it.
        comes_back: Whether the switch brings it back.
        is_job: Whether it is stopped once it has run for long.
    """

    arn_type: str
    components: frozenset[Component]
    is_idle: bool = False
    comes_back: bool = False
    is_job: bool = False


def _job(arn_type: str, *components: Component) -> _Kind:
    return _Kind(arn_type, frozenset(components), is_job=True)


_KINDS: Final[Mapping[str, _Kind]] = {
    _ENDPOINT: _Kind("endpoint", frozenset({Component.HOSTING, Component.STORAGE}), is_idle=True, comes_back=True),
    "AWS::SageMaker::NotebookInstance": _Kind("notebook-instance", frozenset({Component.NOTEBOOK}), comes_back=True),
    "AWS::SageMaker::App": _Kind("app", frozenset({Component.STUDIO}), is_idle=True),
    "Custom::SageMakerTrainingJob": _job("training-job", Component.TRAINING, Component.STORAGE),
    "Custom::SageMakerProcessingJob": _job("processing-job", Component.PROCESSING, Component.STORAGE),
    "Custom::SageMakerTransformJob": _job("transform-job", Component.TRANSFORM),
}


@dataclass(frozen=True)
class OffSwitch:
    """A switch.

    Attributes:
        region: Where it is.
        tags: What it stops carries all of these.
        kinds: Of ARNs, such as `endpoint`.
        idle_seconds: After which it stops what nobody uses; None for never.
        hours: How long a month something is on by its schedules; None where they do not say.
        job_hours: After which it stops a job at the latest: it looks now and then; None for never.
    """

    region: str
    tags: Mapping[str, str]
    kinds: frozenset[str]
    idle_seconds: Decimal | None
    hours: Decimal | None
    job_hours: Decimal | None

    def stops(self, resource: Resource) -> bool:
        """Whether its tags select a resource."""
        kind = _KINDS.get(resource.type)
        return (
            kind is not None
            and kind.arn_type in self.kinds
            and resource.region == self.region
            and self.tags.items() <= resource.tags.items()
            and not _is_left(resource)
        )


def off_switches(resources: Iterable[Resource]) -> list[OffSwitch]:
    """The switches among resources."""
    return [_switch(each) for each in resources if each.type == _FUNCTION and each.get("Handler").text() == _HANDLER]


def _switch(function: Resource) -> OffSwitch:
    told = function.get("Environment", "Variables")
    idle = told.get("IDLE_SECONDS").span(NOTHING)
    longest = told.get("MAX_RUNTIME_SECONDS").span(NOTHING).high
    asked: dict[str, list[Resource]] = {"On": [], "Off": [], "Check": []}
    for each in function.siblings.values():
        if each.type == SCHEDULE and is_on(each) and function.logical_id in {*references(each.raw.get("Target"))}:
            asked.setdefault(each.get("Target", "Input").from_json().get("Switch").text(), []).append(each)
    return OffSwitch(
        region=function.region,
        tags={name: value.text() for name, value in told.get("TAGS").from_json().entries().items()},
        kinds=frozenset(told.get("KINDS").text().split(",")),
        idle_seconds=idle.high or None,
        hours=weekly(asked["On"], asked["Off"]),
        job_hours=_job_hours(longest, asked["Check"]),
    )


def _job_hours(longest_seconds: Decimal | None, checks: Iterable[Resource]) -> Decimal | None:
    often = max((schedule_of(each).low for each in checks), default=Decimal(0))
    if not longest_seconds or not often:
        return None
    return longest_seconds / _HOUR_SECONDS + HOURS_A_MONTH / often


def switched(resource: Resource, cost: Cost, switches: Sequence[OffSwitch]) -> Cost:
    """What a resource costs with the hours in which switches have it off."""
    kind = _KINDS.get(resource.type)
    if kind is None:
        return cost
    found = [hours for each in switches if each.stops(resource) for hours in _hours(each, kind)]
    # What is off by one of them is off.
    return _at_most(cost, kind, *min(found, key=lambda each: each[0].low)) if found else cost


def _hours(switch: OffSwitch, kind: _Kind) -> Iterator[tuple[Span, str]]:
    """How long a month a switch leaves something on, for each reason, with a note."""
    if switch.hours is not None and kind.comes_back:
        yield Span.of(switch.hours), f"{round(switch.hours, 1).normalize():f} h by its off switch"
    if switch.idle_seconds is not None and kind.is_idle:
        yield until_idle(switch.idle_seconds)
    if switch.job_hours is not None and kind.is_job:
        yield Span.of(switch.job_hours), f"its off switch stops it after {round(switch.job_hours, 1).normalize():f} h"


def _at_most(cost: Cost, kind: _Kind, hours: Span, note: str) -> Cost:
    return replace(
        cost,
        charges=tuple(
            replace(each, hours=hours.least(each.hours), note=", ".join(filter(None, (each.note, note))))
            if each.component in kind.components and (each.hours.high is None or each.hours.high > hours.low)
            else each
            for each in cost.charges
        ),
    )


def _is_left(resource: Resource) -> bool:
    """Whether a switch leaves an endpoint: it may have requests in a queue, or holds what its configuration has not."""
    if resource.type != _ENDPOINT:
        return False
    config = config_of(resource)
    if config is None or not config.get("AsyncInferenceConfig").is_missing:
        return True
    return any(each.get("ModelName").is_missing for name in VARIANTS for each in config.get(name).members())
