"""Alarms of ministack's, as they are in CloudWatch.

Ministack evaluates an alarm by all metrics of its name, whatever dimensions they have. Of an alarm on metric math it
forgets the `Metrics`, and its CloudFormation refuses them. Such an alarm has no metric, statistic or period of its own.
Nothing evaluates its expression here: unless its state is set, it stays as it was made, without data.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

# ruff: noqa: SLF001 - ministack has no public way to any of this
METRICS: Final = "Metrics"
_OK: Final = 200
_OF_ONE_METRIC: Final = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit")

Alarm = dict[str, Any]
Answer = tuple[int, Mapping[str, str], bytes]
Put = Callable[..., Answer]


def keep_metrics(module: Any) -> None:
    """Has ministack's CloudWatch keep the metrics of an alarm; once, however often it is called.

    Args:
        module: ministack's own.
    """
    own = module._put_metric_alarm
    if not isinstance(own, _PutWithMetrics):
        module._put_metric_alarm = _PutWithMetrics(own, module._alarms)


def evaluate_by_dimensions(module: Any) -> None:
    """Has ministack's CloudWatch evaluate an alarm by the metric of its dimensions alone; once, however often called.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Dimension

    Args:
        module: ministack's own.
    """
    own = module._evaluate_alarm
    if isinstance(own, FunctionType):
        module._evaluate_alarm = _EvaluateByDimensions(own, module)


@dataclass(frozen=True)
class _EvaluateByDimensions:
    """Ministack's evaluation of an alarm, which goes through all metrics that the module has."""

    own: FunctionType
    module: Any

    def __call__(self, alarm: Mapping[str, Any]) -> None:
        wanted = self.module._dims_key(self.module._dims_from_list(alarm.get("Dimensions") or []))
        metrics = {key: points for key, points in self.module._metrics.items() if key[2] == wanted}
        FunctionType(self.own.__code__, {**vars(self.module), "_metrics": metrics})(alarm)


@dataclass(frozen=True)
class _PutWithMetrics:
    """Ministack's `PutMetricAlarm`, and the alarms of the present account and region."""

    own: Put
    alarms: MutableMapping[str, Alarm]

    def __call__(self, parameters: Any, members: Mapping[str, Any] | None, *protocol: Any) -> Answer:
        answer = self.own(parameters, members, *protocol)
        if answer[0] == _OK and members and (metrics := members.get(METRICS)):
            name = members["AlarmName"]
            self.alarms[name] = _on_metrics(self.alarms[name], metrics)
        return answer


def record_with_metrics(
    own: Callable[[str, Mapping[str, Any]], Alarm],
) -> Callable[[str, Mapping[str, Any]], Alarm]:
    """Ministack's record of an alarm of a template, which has the metrics in addition.

    Args:
        own: ministack's own, which demands a metric.
    """

    def record(name: str, properties: Mapping[str, Any]) -> Alarm:
        metrics = properties.get(METRICS)
        if not metrics:
            return own(name, properties)
        on_one_metric = {**properties, METRICS: None, "MetricName": "none", "Namespace": "none"}
        return _on_metrics(own(name, on_one_metric), metrics)

    return record


def _on_metrics(alarm: Mapping[str, Any], metrics: list[dict[str, Any]]) -> Alarm:
    return {**{name: value for name, value in alarm.items() if name not in _OF_ONE_METRIC}, METRICS: metrics}
