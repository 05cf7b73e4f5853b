"""Rules for what an app may declare, so that nothing can cost more than it has to."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from aws_cdk import Duration
from sagecraft_catalog.charge.estimate import Estimate, ResourceCost
from sagecraft_catalog.charge.hosting import is_watched
from sagecraft_catalog.charge.notebook import stops_when_idle
from sagecraft_catalog.charge.work import longest_hours
from sagecraft_catalog.price.row import INSTANCE_COMPONENTS

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .gate import Gate, Violation, named
from .told import check_tags

_ENDPOINT: Final = "AWS::SageMaker::Endpoint"
_ALARM: Final = "AWS::CloudWatch::Alarm"
_OURS: Final = ("AWS::SageMaker::", "Custom::SageMaker")


class Guardrails(Gate):
    """Refuses to synthesize an app that breaks one of the rules that are given.

    `Validations.of(app).add_plugins(Guardrails(…))` for an app, or `Aspects.of(stack).add(…)` for a part of it.
    """

    @check_props
    def __init__(
        self,
        *,
        allowed_instance_types: Sequence[InstanceType] | None = None,
        required_tags: Sequence[str] = (),
        max_runtime: Duration | None = None,
        require_idle_stop: bool = False,
        require_endpoint_alarm: bool = False,
    ) -> None:
        """The rules; what is left out is none.

        Args:
            allowed_instance_types: What work, endpoints, notebooks and apps may run on. Left out, on anything.
            required_tags: The keys of the tags that whatever of SageMaker costs money must have.
            max_runtime: How long a job may be allowed to take. Left out, for as long as its limit says.
            require_idle_stop: Whether notebook instances, and the apps of Studio, must stop when nobody works.
            require_endpoint_alarm: Whether a CloudWatch alarm must watch each endpoint.

        Raises:
            InvalidProps: No rule is given, or one that nothing could keep.
        """
        _check(allowed_instance_types, required_tags, max_runtime)
        self._allowed = frozenset(each.name for each in allowed_instance_types or ())
        self._tags = tuple(required_tags)
        self._longest = max_runtime
        rules: dict[Callable[[Estimate], Iterable[Violation]], bool] = {
            self._instance_types: allowed_instance_types is not None,
            self._missing_tags: bool(required_tags),
            self._runtimes: max_runtime is not None,
            _never_idle: require_idle_stop,
            _unwatched: require_endpoint_alarm,
        }
        self._rules = [rule for rule, is_given in rules.items() if is_given]
        if not self._rules:
            problems = Problems("Guardrails")
            problems.add("allowed_instance_types", "no rule is given; give this or another one.")
            raise problems.error()
        super().__init__("Sagecraft guardrails")

    def _violations(self, found: Estimate) -> Iterator[Violation]:
        for rule in self._rules:
            yield from rule(found)

    def _instance_types(self, found: Estimate) -> Iterator[Violation]:
        for cost in found.resources:
            machines = [each.charge for each in cost.charges if each.charge.component in INSTANCE_COMPONENTS]
            used = {item for charge in machines for item in charge.items}
            open_ended = any(not charge.items for charge in machines) and cost.cost.job != "AutoMLJob"
            if used - self._allowed or open_ended:
                told = (
                    ", ".join(sorted(used - self._allowed))
                    or "an instance type that is not known before it is deployed"
                )
                yield Violation(
                    "allowed-instance-types",
                    f"{named([cost])} has {told}.",
                    f"Give it one of {', '.join(sorted(self._allowed))}.",
                    (cost,),
                )

    def _missing_tags(self, found: Estimate) -> Iterator[Violation]:
        for cost in found.resources:
            missing = [key for key in self._tags if key not in cost.resource.tags]
            if missing and cost.charges and (cost.resource.type.startswith(_OURS) or cost.is_job):
                keys = ", ".join(f"'{key}'" for key in missing)
                yield Violation(
                    "required-tags",
                    f"{named([cost])} has no tag {keys}, so nobody can tell whose money it is.",
                    f'Tag it, or what it stands in: Tags.of(stack).add("{missing[0]}", "…").',
                    (cost,),
                )

    def _runtimes(self, found: Estimate) -> Iterator[Violation]:
        allowed = Decimal(0 if self._longest is None else self._longest.to_seconds()) / 3600
        for cost in found.resources:
            if not cost.cost.job:
                continue
            longest = longest_hours(cost.cost.job, cost.resource.request).high
            if longest is None or longest > allowed:
                told = "for as long as it likes" if longest is None else f"{_hours(longest)} h"
                yield Violation(
                    "maximum-runtime",
                    f"{named([cost])} may run {told}; {_hours(allowed)} h are allowed.",
                    "Give it a shorter 'max_runtime', or, where SageMaker has none for its kind, run it elsewhere.",
                    (cost,),
                )


def _check(
    allowed_instance_types: Sequence[InstanceType] | None, required_tags: Sequence[str], max_runtime: Duration | None
) -> None:
    problems = Problems("Guardrails")
    problems.require_known(allowed_instance_types=allowed_instance_types, required_tags=required_tags)
    if allowed_instance_types is not None and not allowed_instance_types:
        problems.add("allowed_instance_types", "nothing could run; name at least one type, or leave it out.")
    check_tags(problems, "required_tags", dict.fromkeys(required_tags, ""), valued=False)
    if any(is_token(each.name) for each in allowed_instance_types or ()):
        problems.add("allowed_instance_types", "holds a token, but must be known; give the type itself.")
    if max_runtime is not None and (max_runtime.is_unresolved() or max_runtime.to_seconds() <= 0):
        problems.add("max_runtime", "should be more than 0 seconds, and known when the app is synthesized.")
    problems.raise_any()


def _never_idle(found: Estimate) -> Iterator[Violation]:
    for cost in found.resources:
        if stops_when_idle(cost.resource) is False:
            yield Violation(
                "idle-stop",
                f"{named([cost])} runs when nobody works.",
                "Give a notebook instance LifecycleConfig.idle_stop(…), and a Studio domain an idle time.",
                (cost,),
            )


def _unwatched(found: Estimate) -> Iterator[Violation]:
    alarms: list[ResourceCost] = [each for each in found.resources if each.resource.type == _ALARM]
    for cost in found.resources:
        watched = any(is_watched(cost.resource, alarm.resource) for alarm in alarms)
        if cost.resource.type == _ENDPOINT and not watched:
            yield Violation(
                "endpoint-alarm",
                f"{named([cost])} is watched by no alarm, so nobody is told when it stands there for nothing.",
                "Make an alarm of one of its metrics, such as its invocations or its errors.",
                (cost,),
            )


def _hours(hours: Decimal) -> str:
    return f"{round(hours, 2).normalize():f}"
