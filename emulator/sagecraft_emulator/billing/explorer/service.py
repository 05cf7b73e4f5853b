"""Cost Explorer's operations.

What was used a moment ago is there at once, where AWS takes a day, and every tag is a cost allocation tag.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Cost_Explorer_Service.html
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.json_service import JsonService
from sagecraft_emulator.errors import ApiError, not_done, validation_error
from sagecraft_emulator.metering.meter import Line, Meter, hourly
from sagecraft_emulator.state.store import Store

from .anomalies import Anomalies
from .measures import Sum, amount, check_metrics
from .period import Part, check_past, parts_of
from .use import dimension, passing

SIGNING_NAME: Final = "ce"
_MOST_GROUPINGS: Final = 2
_GROUPS_A_PAGE: Final = 1000
_VALUES_A_PAGE: Final = 1000
_HOUR_SECONDS: Final = 3600

Request = Mapping[str, Any]
Key = Callable[[Line], str]


class CostExplorer:
    """Answers from the meter.

    Args:
        meter: It.
        store: Where monitors of anomalies are kept.
    """

    def __init__(self, meter: Meter, store: Store) -> None:
        self._meter = meter
        self.service = JsonService(
            SIGNING_NAME,
            {
                "GetCostAndUsage": self.cost_and_usage,
                "GetCostForecast": self.cost_forecast,
                "GetDimensionValues": self.dimension_values,
                "GetTags": self.tags,
                **Anomalies(store, meter.now).operations,
            },
        )

    def cost_and_usage(self, caller: Caller, request: Request) -> dict[str, Any]:
        """What was used in each part of a time, and what that costs, by up to two groups."""
        parts = parts_of(request["TimePeriod"], request["Granularity"])
        check_past(parts, self._meter.now())
        check_metrics(request["Metrics"])
        grouping = request.get("GroupBy", [])
        keys = [_key(each) for each in grouping]
        if len(keys) > _MOST_GROUPINGS:
            raise validation_error(f"GroupBy should have at most {_MOST_GROUPINGS} groups, got {len(keys)}.")
        lines = self._lines(caller, parts, request)
        first = _position(request.get("NextPageToken"), len(parts))
        results, groups = [], 0
        for part in parts[first:]:
            if groups >= _GROUPS_A_PAGE:
                break
            results.append(self._result(part, lines, keys, request["Metrics"]))
            groups += max(1, len(results[-1]["Groups"]))
        following = first + len(results)
        return {
            "ResultsByTime": results,
            "DimensionValueAttributes": [],
            **({"GroupDefinitions": grouping} if grouping else {}),
            **({"NextPageToken": _token(following)} if following < len(parts) else {}),
        }

    def dimension_values(self, caller: Caller, request: Request) -> dict[str, Any]:
        """The values that a dimension has in a time."""
        value_of = dimension(request["Dimension"])
        page, members = self._values(caller, request, lambda line: [value_of(line)])
        return {"DimensionValues": [{"Value": each, "Attributes": {}} for each in page], **members}

    def tags(self, caller: Caller, request: Request) -> dict[str, Any]:
        """The tags that what was used in a time has, or the values of one."""
        key = request.get("TagKey")
        values: Callable[[Line], Iterable[str]] = (
            (lambda line: line.tags) if key is None else (lambda line: [line.tags[key]] if key in line.tags else [])
        )
        page, members = self._values(caller, request, values)
        return {"Tags": page, **members}

    def cost_forecast(self, caller: Caller, request: Request) -> dict[str, Any]:
        """What will be used in a time that comes: what is in use, for all of it."""
        granularity = request["Granularity"]
        if request["Metric"] in {"USAGE_QUANTITY", "NORMALIZED_USAGE_AMOUNT"}:
            raise validation_error(f"Metric should be one of cost, got {request['Metric']}.")
        if granularity == "HOURLY":
            raise not_done("Forecasts of hours are not done by this emulator: give the Granularity DAILY or MONTHLY.")
        if "PredictionIntervalLevel" in request:
            raise not_done(
                "PredictionIntervalLevel is not done by this emulator, which counts what is in use on: leave it out."
            )
        parts = parts_of(request["TimePeriod"], granularity)
        today = datetime.fromtimestamp(self._meter.now(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if parts[0].begin < today:
            raise validation_error(f"Start of a forecast should not be before today, {today:%Y-%m-%d}.")
        lines = self._meter.lines(caller.account)
        if not lines:
            raise ApiError("DataUnavailableException", "Insufficient amount of historical data to generate forecast.")
        an_hour = hourly([each for each in lines if self._passes(request)(each)])
        usd = [an_hour * Decimal(str(part.seconds[1] - part.seconds[0])) / _HOUR_SECONDS for part in parts]
        return {
            "Total": {"Amount": amount(sum(usd, Decimal(0))), "Unit": "USD"},
            "ForecastResultsByTime": [
                {"TimePeriod": part.as_json, "MeanValue": amount(each)} for part, each in zip(parts, usd, strict=True)
            ],
        }

    def _result(self, part: Part, lines: Sequence[Line], keys: Sequence[Key], metrics: Sequence[str]) -> dict[str, Any]:
        begin, end = part.seconds
        sums: dict[tuple[str, ...], Sum] = {} if keys else {(): Sum()}
        for line in lines:
            if line.began < end and line.ended >= begin and line.seconds_within(begin, end):
                sums.setdefault(tuple(key(line) for key in keys), Sum()).add(line, begin, end)
        groups = [{"Keys": list(key), "Metrics": each.as_json(metrics)} for key, each in sorted(sums.items())]
        return {
            "TimePeriod": part.as_json,
            "Total": {} if keys else groups[0]["Metrics"],
            "Groups": groups if keys else [],
            "Estimated": True,
        }

    def _values(
        self, caller: Caller, request: Request, values: Callable[[Line], Iterable[str]]
    ) -> tuple[list[str], dict[str, Any]]:
        """A page of the values that lines have, and what else is answered of it."""
        if request.get("SortBy"):
            raise not_done("SortBy is not done by this emulator: leave it out, and values come in their own order.")
        parts = parts_of(request["TimePeriod"], "MONTHLY")
        lines = self._lines(caller, parts, request)
        wanted = request.get("SearchString", "").casefold()
        found = sorted({each for line in lines for each in values(line) if wanted in each.casefold()})
        first = _position(request.get("NextPageToken"), len(found) + 1)
        page = found[first : first + request.get("MaxResults", _VALUES_A_PAGE)]
        following = first + len(page)
        more = {"NextPageToken": _token(following)} if following < len(found) else {}
        return page, {"ReturnSize": len(page), "TotalSize": len(found), **more}

    def _lines(self, caller: Caller, parts: Sequence[Part], request: Request) -> list[Line]:
        begin, end = parts[0].seconds[0], parts[-1].seconds[1]
        passes = self._passes(request)
        return [each for each in self._meter.lines(caller.account, begin, end) if passes(each)]

    @staticmethod
    def _passes(request: Request) -> Callable[[Line], bool]:
        if "BillingViewArn" in request:
            raise not_done("BillingViewArn is not done by this emulator: leave it out.")
        return passing(request["Filter"]) if "Filter" in request else lambda _: True


def _key(group: Mapping[str, str]) -> Key:
    """What tells the group of a line."""
    name = group.get("Key", "")
    match group.get("Type"):
        case "DIMENSION":
            return dimension(name)
        case "TAG":
            return lambda line: f"{name}${line.tags.get(name, '')}"
        case kind:
            raise not_done(f"Groups of Type '{kind}' are not done by this emulator: give DIMENSION or TAG.")


def _token(position: int) -> str:
    return base64.b64encode(str(position).encode()).decode()


def _position(token: str | None, count: int) -> int:
    if token is None:
        return 0
    try:
        position = int(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError):
        position = -1
    if not 0 < position < count:
        raise ApiError("InvalidNextTokenException", f"The pagination token is invalid: '{token}'.")
    return position
