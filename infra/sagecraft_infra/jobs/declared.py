"""The jobs that deployed stacks declare to be run by hand."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.target import Target

from .lookup import describe_job

PARAMETER_PREFIX: Final = "/sagecraft"


@dataclass(frozen=True)
class DeclaredJob:
    """A job whose request a stack keeps in a parameter of Systems Manager.

    Attributes:
        parameter: The parameter's name: `/sagecraft/<stack>/<construct path>`.
        kind: The job's kind.
        name_prefix: What the name of each run begins with.
        request: What SageMaker is asked for, without the name.
    """

    parameter: str
    kind: JobKind
    name_prefix: str
    request: dict[str, Any]

    def run(self, target: Target, region: str, now: datetime) -> Job:
        """Starts the job, under a name of its own.

        Args:
            target: Where it is to run.
            region: Where there.
            now: What the name ends with.
        """
        # As long as the ending that constructs leave room for.
        name = f"{self.name_prefix}-{now.astimezone(UTC):%y%m%d-%H%M%S}"
        self.kind.api.create(target.sagemaker(region), {self.kind.api.member: name, **self.request})
        job = describe_job(target, region, self.kind, name)
        if job is None:
            raise UserError(f"The {self.kind} job '{name}' was deleted as soon as it was started.")
        return job


def find_declared_job(target: Target, region: str, name: str, kinds: Iterable[JobKind]) -> DeclaredJob:
    """The declared job that a name means.

    Args:
        target: Where the stacks are.
        region: Where there.
        name: The name of its parameter, its construct path (with or without the stack's name before it), or the last
            element of the path.
        kinds: Of which it may be.

    Raises:
        UserError: There is none, or several.
    """
    values: dict[str, str] = {}
    for page in (
        target.ssm(region).get_paginator("get_parameters_by_path").paginate(Path=PARAMETER_PREFIX, Recursive=True)
    ):
        values.update({each["Name"]: each["Value"] for each in page["Parameters"]})
    paths = {parameter: parameter.removeprefix(f"{PARAMETER_PREFIX}/") for parameter in values}
    called: tuple[Callable[[str], set[str]], ...] = (
        lambda parameter: {parameter, paths[parameter]},
        lambda parameter: {paths[parameter].partition("/")[2]},
        lambda parameter: {paths[parameter].rpartition("/")[2]},
    )
    for names_of in called:
        found = [parameter for parameter in values if name in names_of(parameter)]
        if len(found) == 1:
            return _read(found[0], values[found[0]], kinds)
        if found:
            raise UserError(
                f"Several jobs are called '{name}'. Say which: {', '.join(sorted(paths[each] for each in found))}."
            )
    nothing = (
        "No deployed stack declares one; declare a job with realization=JobRealization.BY_HAND, then: sagecraft up"
    )
    raise UserError(f"No job '{name}' is declared to be run by hand in {region}. {near(name, paths.values(), nothing)}")


def _read(parameter: str, value: str, kinds: Iterable[JobKind]) -> DeclaredJob:
    try:
        content = json.loads(value)
        kind = next(kind for kind in kinds if kind.api.noun == content["kind"])
        return DeclaredJob(parameter, kind, content["namePrefix"], content["request"])
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise UserError(
            f"The parameter {parameter} does not hold the request of a job. Deploy its stack again: sagecraft up"
        ) from error
