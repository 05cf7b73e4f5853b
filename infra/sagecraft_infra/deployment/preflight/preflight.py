"""Everything that is looked at before anything is made."""

from collections.abc import Iterator, Sequence
from functools import partial

from sagecraft_catalog.charge.resource import Resource, resources_of
from sagecraft_catalog.charge.work import started_jobs
from sagecraft_catalog.quota.need import needs

from sagecraft_infra.deployment.bootstrapping import is_bootstrapped
from sagecraft_infra.deployment.diagnosis import Severity
from sagecraft_infra.deployment.run import Watcher
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.target import Target

from .images import image_requirements
from .quotas import quota_requirements
from .requirement import Requirement, looked_at
from .roles import role_requirements


def requirements(target: Target, assembly: Assembly) -> list[Requirement]:
    """What a deployment needs, and whether it is there.

    Args:
        target: The account.
        assembly: The synthesized app, placed there.

    Raises:
        UserError: A template is not there, or is none.
    """
    resources = resources_of(assembly.stack_templates())
    looks = (
        ("bootstrapping", partial(_bootstrapping, target, assembly)),
        ("quotas", partial(quota_requirements, target, assembly, needs(resources))),
        ("images", partial(image_requirements, target, resources)),
        ("roles", partial(role_requirements, target, resources)),
        ("capacity", partial(_capacity, resources)),
    )
    return [requirement for subject, look in looks for requirement in looked_at(subject, look)]


def refuse_unready(target: Target, assembly: Assembly, watcher: Watcher, *, skip: bool) -> None:
    """Refuses a deployment to AWS that would fail.

    Args:
        target: Where to.
        assembly: The synthesized app, placed there.
        watcher: Who is told that it is looked at.
        skip: Whether the user wants it deployed all the same.

    Raises:
        UserError: Something is missing; with what to do about each.
    """
    if skip or target.is_local:
        return
    watcher.step("Looking whether the account has what is needed")
    missing = [each for each in requirements(target, assembly) if each.severity is Severity.MISSING]
    if missing:
        raise UserError(
            "\n".join(
                [
                    "The deployment would fail. Nothing was made.",
                    *(line for each in missing for line in told(each)),
                    "What is looked at: sagecraft preflight --target aws. To deploy all the same: --skip-preflight",
                ]
            )
        )


def told(requirement: Requirement) -> Iterator[str]:
    """A requirement as lines."""
    yield f"  {requirement.subject}: {requirement.detail}"
    if requirement.mend is not None:
        yield f"    {requirement.mend}"


def _bootstrapping(target: Target, assembly: Assembly) -> Iterator[Requirement]:
    for account, region in assembly.environments:
        name = f"aws://{account}/{region}"
        if is_bootstrapped(target, region):
            yield Requirement(name, Severity.OK, "is bootstrapped", region=region)
        elif target.is_local:
            yield Requirement(
                name, Severity.OK, "is not bootstrapped yet, which sagecraft up does on an emulator", region=region
            )
        else:
            yield Requirement(name, Severity.MISSING, "is not bootstrapped", f"cdk bootstrap {name}", region=region)


def _capacity(resources: Sequence[Resource]) -> Iterator[Requirement]:
    """What runs on capacity that AWS may not have at the moment, which no quota tells of."""
    for resource in resources:
        for job, request in started_jobs(resource):
            spot = [
                each
                for each in (request, request.get("TrainingJobDefinition"))
                if each.get("EnableManagedSpotTraining").is_true()
            ]
            if spot:
                yield Requirement(
                    resource.path,
                    Severity.NOTE,
                    f"the {job} runs on spot instances: it waits until AWS has some, for MaxWaitTimeInSeconds at most, "
                    "and may be interrupted",
                    region=resource.region,
                )
