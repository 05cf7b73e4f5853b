"""The metrics of a training job over its time, as its log tells them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sagecraft_emulator.metrics.expression import WrongExpression
from sagecraft_emulator.metrics.scanner import LogScanner

from sagecraft_infra.errors import UserError
from sagecraft_infra.jobs.log import WorkLog
from sagecraft_infra.noun.job import Job
from sagecraft_infra.target import Target


@dataclass(frozen=True)
class MetricCurve:
    """The values of a metric.

    Attributes:
        name: The metric's name; after it the host, where several hosts tell the metric.
        seconds: When each was written, since the first of the job's log.
        values: The values, the oldest first.
    """

    name: str
    seconds: tuple[float, ...]
    values: tuple[float, ...]


def take_metric_curves(target: Target, region: str, job: Job) -> list[MetricCurve]:
    """The curves of a training job's metrics.

    They are read from the log with the job's own metric definitions: CloudWatch would merge the values of a minute.

    Raises:
        UserError: There are none; the message says why.
    """
    specification = job.description["AlgorithmSpecification"]
    definitions = {each["Name"]: each["Regex"] for each in specification.get("MetricDefinitions", [])}
    if not definitions:
        raise UserError(
            f"The training job '{job.name}' has no metric definitions, so nothing of its log is a metric. "
            "Give its container metric definitions: a name, and a regular expression whose first group is the value."
        )
    lines = list(WorkLog.of_job(target, region, job).lines())
    if not lines:
        why = "it was deleted or has expired" if job.has_ended else f"the job is {job.status}; wait until it trains"
        raise UserError(f"There is no log of the training job '{job.name}' to read metrics from: {why}.")
    begin = min(line.timestamp for line in lines)
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    names = list(definitions)
    text = "\n".join(line.message.replace("\n", " ") for line in lines).encode(errors="replace")
    for place, definition, value in _scanner(job, definitions).scan(text):
        line = lines[place]
        found.setdefault((names[definition], line.host), []).append(((line.timestamp - begin) / 1000, value))
    if not found:
        raise UserError(
            f"No line of the log of the training job '{job.name}' holds one of its metrics: {', '.join(definitions)}. "
            f"Read the log with: sagecraft logs {job.name}"
        )
    told_by = {name: {host for metric, host in found if metric == name} for name in definitions}
    return [
        MetricCurve(
            name=f"{name} ({host})" if len(told_by[name]) > 1 else name,
            seconds=tuple(second for second, _ in points),
            values=tuple(value for _, value in points),
        )
        for (name, host), points in found.items()
    ]


def _scanner(job: Job, definitions: Mapping[str, str]) -> LogScanner:
    try:
        return LogScanner(list(definitions.values()))
    except WrongExpression as error:
        raise UserError(
            f"A metric definition of the training job '{job.name}' cannot be searched for: {error}. Its log is read "
            "with the syntax of RE2, which has no backreferences and no lookaround."
        ) from error
