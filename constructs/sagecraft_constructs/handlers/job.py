"""Runs a job of SageMaker as a custom resource of CloudFormation.

`on_event` begins or stops a job, `is_complete` is called until the work has ended. The state of the job stands in
SageMaker alone, so a deployment that was interrupted finds its job again by name.
"""

import time
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, Final

from botocore.exceptions import ClientError

from . import clients
from .error import JobError
from .kind import JobKind
from .kinds import kind_of
from .name import ATTEMPTS, job_name

Event = Mapping[str, Any]

# A custom resource ends after an hour; this leaves time to stop the job and to say so.
WAIT_SECONDS: Final = 56 * 60
_ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
# A role that was made a moment ago cannot be taken on everywhere at once.
_ROLE_TRIES: Final = 12
_ROLE_PAUSE_SECONDS: Final = 5.0


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Begins the job of a new or changed definition, or stops the one that is deleted."""
    kind = kind_of(event["ResourceType"])
    match event["RequestType"]:
        case "Create":
            return _start(kind, event["ResourceProperties"])
        case "Update":
            new, old = event["ResourceProperties"], event["OldResourceProperties"]
            if _name(new) != _name(old):
                _stop_abandoned(kind, event)
                return _start(kind, new)
            name = event["PhysicalResourceId"]
            _change_tags(kind, name, clients.tags_of(old), clients.tags_of(new))
            return _accepted(name)
        case "Delete":
            for name in _begun(kind, event):
                kind.stop(name)
            return _accepted(event["PhysicalResourceId"])
        case other:
            raise ValueError(f"unknown RequestType '{other}'")


def is_complete(event: Event, _context: object) -> dict[str, Any]:
    """Says whether the job has ended; the attributes of the resource once it completed.

    Raises:
        JobError: The job failed, was stopped, is gone or takes longer than a deployment can wait.
    """
    kind, name = kind_of(event["ResourceType"]), event["PhysicalResourceId"]
    if event["RequestType"] == "Delete":
        jobs = [kind.describe(each) for each in _begun(kind, event)]
        return {"IsComplete": all(job is None or kind.status(job) in _ENDED for job in jobs)}
    job = kind.describe(name)
    if job is None:
        raise JobError(f"{kind.spoken} {name} no longer exists.")
    match kind.status(job):
        case "Completed":
            return {"IsComplete": True, "Data": kind.attributes(job)}
        case "Failed":
            raise JobError(f"{kind.spoken} {name} failed: {job.get('FailureReason', 'SageMaker gave no reason')}")
        case "Stopped":
            raise JobError(f"{kind.spoken} {name} {kind.why_stopped(job)}")
    if time.time() > event["Deadline"]:
        kind.stop(name)
        raise JobError(
            f"{kind.spoken} {name} had not ended after {WAIT_SECONDS // 60} minutes, the longest that a deployment can "
            f"wait, and was stopped. {kind.advice}, or run the job outside of a deployment."
        )
    return {"IsComplete": False}


def _start(kind: JobKind, properties: Mapping[str, Any]) -> dict[str, Any]:
    for attempt in range(1, ATTEMPTS + 1):
        name = _name(properties, attempt)
        job = kind.describe(name)
        if job is None:
            _create(kind, name, properties["Request"])
            return _accepted(name)
        if kind.is_usable(job):
            return _accepted(name)
    raise JobError(
        f"{ATTEMPTS} {kind.spoken.lower()}s named {_name(properties)} have failed. "
        "Change the definition or its name prefix."
    )


def _begun(kind: JobKind, event: Event) -> list[str]:
    """The names of the jobs that a resource that is deleted may have begun.

    CloudFormation makes up an id where it deletes a resource that had not told its own yet: a creation that is
    cancelled because another resource failed. The job of that creation is found by what was asked for.

    Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
    """
    properties, name = event["ResourceProperties"], event["PhysicalResourceId"]
    if name.startswith(_name(properties)):
        return [name]
    own = [name] if name.startswith(properties["NamePrefix"]) else []  # no other may be asked for
    return [*own, *_jobs_of(kind, properties)]


def _jobs_of(kind: JobKind, properties: Mapping[str, Any]) -> list[str]:
    """The names of the jobs that there are of a definition."""
    names = (_name(properties, attempt) for attempt in range(1, ATTEMPTS + 1))
    return list(takewhile(lambda name: kind.describe(name) is not None, names))


def _stop_abandoned(kind: JobKind, event: Event) -> None:
    """Stops the job of an update that is undone before it has told its name: no deletion of it would follow."""
    old = event["OldResourceProperties"]
    if old["NamePrefix"] != event["ResourceProperties"]["NamePrefix"]:  # the role may not ask for it
        return
    for name in _jobs_of(kind, old):
        if name != event["PhysicalResourceId"]:
            kind.stop(name)


def _accepted(name: str) -> dict[str, Any]:
    return {"PhysicalResourceId": name, "Deadline": time.time() + WAIT_SECONDS}


def _name(properties: Mapping[str, Any], attempt: int = 1) -> str:
    return job_name(properties["NamePrefix"], properties["Request"], attempt)


def _change_tags(kind: JobKind, name: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    if old == new:
        return
    job = kind.describe(name)
    if job is None:
        raise JobError(f"{kind.spoken} {name} no longer exists, so its tags cannot change.")
    clients.change_tags(kind.arn(job), old, new)


def _create(kind: JobKind, name: str, request: Mapping[str, Any]) -> None:
    for remaining in reversed(range(_ROLE_TRIES)):
        try:
            kind.create(name, request)
        except ClientError as error:
            new_role = "sts:AssumeRole" in str(error) or clients.error_code(error) == "AccessDeniedException"
            if remaining == 0 or not new_role:
                raise
            time.sleep(_ROLE_PAUSE_SECONDS)
        else:
            return
