"""Stops what carries the tags, and brings it back: what the function of an `OffSwitch` runs.

It is told `{"Switch": "Off"}`, `"Check"` or `"On"` by schedules, or by hand, `{"Switch": "On", "All": true}`; a message
of a topic, such as that of a budget, means that all has to stop, jobs too, and stay off.

What is to come back is noted before it is stopped. A function that ends in between has then noted something that runs,
which is seen when it is to come back. So each call may come twice.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ..clients import is_unknown
from .client import client
from .memory import Memory, Stopped
from .report import Report
from .settings import Settings
from .things import JOBS, Left, Thing, running

STANDING = ("endpoint", "notebook-instance", "app")
_LONGEST_TOLD = 100


def handle(event: Mapping[str, Any], context: Any) -> dict[str, object]:
    """Does what it is told, and tells who wants to know, if there is something to tell."""
    settings = Settings.of_environment()
    report = Report(settings.switch, getattr(context, "function_name", "FUNCTION"), "")
    match event:
        case {"Records": [{"Sns": Mapping() as message}, *_]}:
            told = " ".join(str(message.get("Subject") or message["Message"]).split())[:_LONGEST_TOLD]
            report.why = f"all has to stop, and stays off until somebody brings it back, for it was told: {told}"
            _stop_all(settings, report, (*STANDING, *JOBS), held=True)
        case {"Switch": "Off"}:
            report.why = "it is the time to stop"
            _stop_all(settings, report, STANDING, held=False)
        case {"Switch": "Check"}:
            report.why = "what nobody used, or took too long, was looked for"
            _stop_idle(settings, report)
        case {"Switch": "On"}:
            report.why = "it is the time to bring back what was stopped"
            _bring_back(settings, report, held=event.get("All") is True)
        case _:
            raise ValueError(f"unknown event {event!r}; give {{'Switch': 'Off'}}, 'Check' or 'On'")
    if report.is_worth_telling:
        client("sns").publish(TopicArn=settings.topic_arn, Subject=report.subject, Message=report.text)
    return report.as_answer()


def _stop_all(settings: Settings, report: Report, kinds: tuple[str, ...], *, held: bool) -> None:
    for thing in _running(settings, report, kinds):
        _stop(Memory(settings.table), report, thing, held=held)


def _stop_idle(settings: Settings, report: Report) -> None:
    memory = Memory(settings.table)
    if settings.idle is not None:
        for thing in _running(settings, report, ("endpoint", "app")):
            if thing.is_idle(settings.idle):
                _stop(memory, report, thing, held=False)
    if settings.longest_job is not None:
        for thing in _running(settings, report, tuple(JOBS)):
            if thing.has_run_for(settings.longest_job):
                _stop(memory, report, thing, held=False)


def _running(settings: Settings, report: Report, kinds: tuple[str, ...]) -> Iterator[Thing]:
    """What runs of these kinds and carries the tags; what must be left, and what could not be looked at, is told."""
    for kind, name in _tagged(settings, tuple(kind for kind in kinds if kind in settings.kinds)):
        spoken = f"{kind.replace('-', ' ')} {name}"
        try:
            thing = running(kind, name)
        except Left as reason:
            report.left[spoken] = str(reason)
        except ClientError as error:
            if not is_unknown(error):
                report.failed[spoken] = str(error)
        else:
            if thing is not None:
                yield thing


def _tagged(settings: Settings, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    """Kinds and names of what carries all tags, in the order of the kinds."""
    if not kinds:
        return []
    pages = (
        client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(
            TagFilters=[{"Key": key, "Values": [value]} for key, value in settings.tags.items()],
            ResourceTypeFilters=[f"sagemaker:{kind}" for kind in kinds],
        )
    )
    arns = [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]
    found = [arn.split(":", 5)[5].split("/", 1) for arn in arns]
    return sorted(((kind, name) for kind, name in found if kind in kinds), key=lambda each: kinds.index(each[0]))


def _stop(memory: Memory, report: Report, thing: Thing, *, held: bool) -> None:
    noted = None
    try:
        if thing.request is not None:
            noted = Stopped(thing.kind, thing.name, report.why, held, thing.request)
            memory.remember(noted)
        thing.stop()
    except ClientError as error:
        report.failed[str(thing)] = str(error)
        if noted is not None:
            memory.forget(noted)
    else:
        report.stopped[str(thing)] = thing.usd_per_hour
        report.comes_back = report.comes_back or noted is not None


def _bring_back(settings: Settings, report: Report, *, held: bool) -> None:
    memory = Memory(settings.table)
    for stopped in memory.all():
        spoken = f"{stopped.kind.replace('-', ' ')} {stopped.name}"
        if stopped.held and not held:
            report.left[spoken] = stopped.why
            continue
        try:
            is_done = _start_endpoint(stopped) if stopped.kind == "endpoint" else _start_notebook(stopped)
        except Left as reason:
            report.left[spoken] = str(reason)
        except ClientError as error:
            report.failed[spoken] = str(error)
            if is_unknown(error):  # what it needs is gone, which no later call will find
                memory.forget(stopped)
        else:
            if is_done:
                report.back.append(spoken)
            memory.forget(stopped)


def _start_endpoint(stopped: Stopped) -> bool:
    """Whether an endpoint had to be made; somebody may have made it again."""
    sagemaker = client("sagemaker")
    try:
        status = sagemaker.describe_endpoint(EndpointName=stopped.name)["EndpointStatus"]
    except ClientError as error:
        if not is_unknown(error):
            raise
        sagemaker.create_endpoint(**stopped.request)
        return True
    if status == "Deleting":
        raise Left("it is still being deleted; the next time brings it back")
    return False


def _start_notebook(stopped: Stopped) -> bool:
    """Whether a notebook instance had to be started; somebody may have done that."""
    sagemaker = client("sagemaker")
    status = sagemaker.describe_notebook_instance(NotebookInstanceName=stopped.name)["NotebookInstanceStatus"]
    if status == "Stopping":
        raise Left("it is still being stopped; the next time starts it")
    if status != "Stopped":
        return False
    sagemaker.start_notebook_instance(**stopped.request)
    return True
