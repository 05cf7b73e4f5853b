"""`sagemaker-metrics`: the data plane by which programs put metrics of trial components, and get them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Metrics_Service.html
"""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.rest_service import RestService
from sagecraft_emulator.errors import RecordMissing, resource_not_found
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .component import TrialComponentKind
from .points import MetricPoints, Point

NAME: Final = "sagemaker-metrics"
OLDEST_SECONDS: Final = 14 * 24 * 3600
"""How old a value may be, as AWS's SDK has it."""
LATEST_SECONDS: Final = 2 * 3600
"""How far in the future it may be."""
_MEASURED: Final = (TrialComponentKind.arn_type, "training-job")
_ITERATION: Final = "IterationNumber"
_PERIODS: Final = {"OneMinute": 60, "FiveMinute": 300, "OneHour": 3600}
_STATISTICS: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "Min": min,
    "Max": max,
    "Avg": statistics.fmean,
    "Count": len,
    "StdDev": statistics.pstdev,
    "Last": lambda values: values[-1],
}


class MetricsPlane:
    """Puts and gets metrics.

    Args:
        store: Where components are.
        points: Where metrics are.
    """

    def __init__(self, store: Store, points: MetricPoints) -> None:
        self._store, self._points = store, points
        operations = {"BatchPutMetrics": self.put, "BatchGetMetrics": self.get}
        self.service = RestService(NAME, operations, self._arns)

    def put(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """Keeps values of metrics of a component; says which are wrong, and keeps the others.

        Raises:
            ApiError: There is no such component.
        """
        component = self._component(caller, request["TrialComponentName"]).arn
        points: list[Point] = []
        errors: list[dict[str, Any]] = []
        now = time.time()
        for index, datum in enumerate(request["MetricData"]):
            timestamp, value = datum["Timestamp"], datum["Value"]
            if math.isfinite(value) and now - OLDEST_SECONDS <= timestamp <= now + LATEST_SECONDS:
                points.append(Point(component, datum["MetricName"], timestamp, datum.get("Step"), value, component))
            else:
                errors.append({"Code": "VALIDATION_ERROR", "MetricIndex": index})
        self._points.put(points)
        return {"Errors": errors} if errors else {}

    def get(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """The values of metrics over time or over iterations, each with what is wrong with its query."""
        return {"MetricQueryResults": [self._result(caller, query) for query in request["MetricQueries"]]}

    def _result(self, caller: Caller, query: Mapping[str, Any]) -> dict[str, Any]:
        arn, by_step = query["ResourceArn"], query["XAxisType"] == _ITERATION
        message = None
        if not any(arn.startswith(caller.arn(each, "")) for each in _MEASURED):
            message = (
                f"ResourceArn '{arn}' is not that of a trial component or training job of this account and region."
            )
        elif by_step != (query["Period"] == _ITERATION):
            message = f"Period '{query['Period']}' does not go with XAxisType '{query['XAxisType']}'."
        if message is not None:
            return {"Status": "ValidationError", "Message": message, "XAxisValues": [], "MetricValues": []}
        groups: dict[int, list[float]] = {}
        for x, value in _placed(self._points.of(arn, query["MetricName"]), query):
            if query.get("Start", x) <= x <= query.get("End", x):
                groups.setdefault(x, []).append(value)
        of_group = _STATISTICS[query["MetricStat"]]
        ordered = sorted(groups.items())
        return {
            "Status": "Complete",
            "XAxisValues": [x for x, _ in ordered],
            "MetricValues": [float(of_group(values)) for _, values in ordered],
        }

    def _component(self, caller: Caller, name: str) -> Record:
        """A component by its name; the SDK writes names in lower case here."""
        with suppress(RecordMissing):
            return self._store.get(RecordKey(TrialComponentKind.kind, *caller, name), alike=True)
        raise resource_not_found(f"TrialComponent '{caller.arn(TrialComponentKind.arn_type, name)}' does not exist.")

    def _arns(self, caller: Caller, request: Mapping[str, Any]) -> Iterable[str]:
        """What a request is on, for its permissions."""
        if "TrialComponentName" in request:
            return [self._component(caller, request["TrialComponentName"]).arn]
        return [query["ResourceArn"] for query in request["MetricQueries"]]


def _placed(points: Iterable[Point], query: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    """Where each value stands on the axis: at its iteration, or at the second at which its period begins."""
    period = _PERIODS.get(query["Period"])
    for point in points:
        if period is not None:
            yield int(point.timestamp // period) * period, point.value
        elif point.step is not None:
            yield point.step, point.value
