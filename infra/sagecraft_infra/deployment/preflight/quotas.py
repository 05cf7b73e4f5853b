"""Whether the quotas of an account let an app be deployed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import ClientError
from sagecraft_catalog.charge.resource import Resource
from sagecraft_catalog.charge.span import Span
from sagecraft_catalog.quota.need import Need, When
from sagecraft_catalog.quota.quota import Quota

from sagecraft_infra.deployment.diagnosis import Severity
from sagecraft_infra.inventory import stack_resources
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing_stack

from .account import AccountQuotas, Limit, taken
from .requirement import Requirement

_TRAINS: Final = {"HyperParameterTuningJob": "TrainingJob"}
_CUSTOM_JOB: Final = "Custom::SageMaker"
_ENDPOINT: Final = "AWS::SageMaker::Endpoint"


@dataclass
class _Asked:
    """What an app asks for of one quota.

    Attributes:
        quota: Of which.
        by: By which resource, when and how much.
    """

    quota: Quota
    by: list[tuple[Resource, When, Span]] = field(default_factory=list)

    def amounts(self, when: When) -> list[Span]:
        """What is asked for then, each resource's."""
        return [amount for _, each, amount in self.by if each is when]

    @property
    def at_least(self) -> float:
        """What stands, with the largest of the jobs that its deployment runs: they may come one after another."""
        standing, jobs = self.amounts(When.STANDING), self.amounts(When.DEPLOYING)
        if self.quota.is_of_each:
            return _most([*standing, *jobs])
        return sum(float(each.low) for each in standing) + _most(jobs)

    @property
    def at_once(self) -> float:
        """The same, if all of the jobs come at once."""
        if self.quota.is_of_each:
            return self.at_least
        return sum(float(each.low) for each in (*self.amounts(When.STANDING), *self.amounts(When.DEPLOYING)))

    @property
    def scaled(self) -> float:
        """What stands, scaled up to the most that is known."""
        highs = [float(each.low if each.high is None else each.high) for each in self.amounts(When.STANDING)]
        return max(self.at_least, _most(self.amounts(When.DEPLOYING)) + sum(highs)) if highs else self.at_least

    @property
    def updated(self) -> float:
        """What stands while an endpoint is updated: the new instances of the largest beside the old ones.

        A rolling update takes them over batch by batch.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
        """
        if self.quota.is_of_each:
            return self.at_least
        beside = [
            amount
            for resource, when, amount in self.by
            if when is When.STANDING
            and resource.type == _ENDPOINT
            and resource.get("DeploymentConfig", "RollingUpdatePolicy").is_missing
        ]
        return self.at_least + _most(beside)

    @property
    def started(self) -> float:
        """The most that a job takes which somebody or a schedule starts."""
        return _most(self.amounts(When.STARTED))

    @property
    def paths(self) -> str:
        """The resources that ask for it, with how much each."""
        return ", ".join(dict.fromkeys(f"{resource.path} ({amount.told})" for resource, _, amount in self.by))


def quota_requirements(target: Target, assembly: Assembly, found: Iterable[Need]) -> Iterator[Requirement]:
    """What an app needs of quotas, region by region.

    Args:
        target: The account.
        assembly: The synthesized app.
        found: What its resources ask for.
    """
    by_region: dict[str, dict[str, _Asked]] = {}
    kinds: dict[str, set[str]] = {}
    for need in found:
        resource = need.resource
        if need.unknown:
            yield Requirement(
                resource.path,
                Severity.NOTE,
                f"{need.unknown}: what it takes of quotas is not known",
                region=resource.region,
            )
        asked = by_region.setdefault(resource.region, {})
        kinds.setdefault(resource.region, set()).update(_kinds(need))
        for demand in need.demands:
            of_quota = asked.setdefault(demand.quota.name, _Asked(demand.quota))
            of_quota.by.append((resource, need.when, demand.amount))
    for region, asked in by_region.items():
        own = _own(target, assembly, region)
        account = AccountQuotas(target, region)
        used = taken(target, region, kinds[region], own)
        yield from [_judged(each, account.limit(each.quota), used, region) for each in asked.values()]
        if account.problem:
            told = f"Service Quotas could not be asked, so those of a new account are counted with: {account.problem}"
            yield Requirement("quotas", Severity.NOTE, told, region=region)


def _kinds(need: Need) -> Iterator[str]:
    """What has to be looked at to know how much of the same quotas is taken."""
    type_ = need.resource.type
    if need.when is When.STANDING:
        yield type_
        return
    job = type_.removeprefix(_CUSTOM_JOB)
    yield _TRAINS.get(job, job)
    yield from ("TrainingJob", "ProcessingJob", "TransformJob") if not type_.startswith(_CUSTOM_JOB) else ()


def _own(target: Target, assembly: Assembly, region: str) -> list[str]:
    """The names of what the app's stacks have already, which is no more to come."""
    names = []
    for stack in assembly.stacks:
        if stack.region != region:
            continue
        try:
            names += [
                physical_id.rpartition("/")[2].rpartition("|")[2]
                for _, physical_id in stack_resources(target, stack.name, region)
            ]
        except ClientError as error:
            if not is_missing_stack(error):
                raise
    return names


def _judged(asked: _Asked, limit: Limit, used: Mapping[str, float], region: str) -> Requirement:
    quota = asked.quota
    if not limit.is_offered:
        return Requirement(
            quota.name,
            Severity.MISSING,
            f"AWS has no such quota in {region}, as it has of each instance type that it offers there for this use; "
            f"{asked.paths} asks for it. Choose another instance type, or another region",
            region=region,
            needed=asked.at_least,
        )
    others = 0.0 if quota.is_of_each else used.get(quota.name, 0.0)
    severity, told, wanted = _verdict(asked, limit, others)
    if severity is Severity.MISSING and not limit.is_kept:
        severity = Severity.NOTE
        told = f"{told}, on a new account: this emulator limits nothing without --quotas new-account"
    value = "not known" if limit.value is None else f"{limit.value:g}"
    detail = f"{value} ({limit.how}), {others:g} in use by others; {asked.paths}: {told}"
    is_enough = severity is Severity.OK or limit.value is None
    mend = None if is_enough else _increase(quota, limit, wanted + others, region)
    return Requirement(quota.name, severity, detail, mend, region=region, value=limit.value, needed=wanted)


def _verdict(asked: _Asked, limit: Limit, others: float) -> tuple[Severity, str, float]:
    """How bad it is, why, and how much is needed."""
    least = asked.at_least
    if limit.value is None:
        return Severity.NOTE, f"needs {least:g}", least
    left = limit.value - others
    if least > left:
        return Severity.MISSING, f"needs {least:g}, and would be refused with ResourceLimitExceeded", least
    if asked.at_once > left:
        return (
            Severity.NOTE,
            f"needs {asked.at_once:g} if its jobs come at once, and one of them would be refused",
            asked.at_once,
        )
    if asked.updated > max(left, asked.scaled):
        told = f"needs {least:g}, and {asked.updated:g} while its endpoint is updated, whose new instances come first"
        return Severity.NOTE, told, asked.updated
    if asked.scaled > left:
        return Severity.NOTE, f"needs {least:g}, and {asked.scaled:g} to be scaled up to its most", asked.scaled
    if asked.started > left:
        return Severity.NOTE, f"needs {asked.started:g} when it is started, and would be refused then", asked.started
    return Severity.OK, f"needs {max(least, asked.started):g}", max(least, asked.started)


def _increase(quota: Quota, limit: Limit, desired: float, region: str) -> str:
    """The command that asks for more; where AWS's code is not known, the one that tells it."""
    if limit.code is None:
        return (
            f"aws service-quotas list-aws-default-service-quotas --service-code sagemaker --region {region} "
            f"--query \"Quotas[?QuotaName=='{quota.name}'].QuotaCode\""
        )
    return (
        f"aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code {limit.code} "
        f"--desired-value {desired:g} --region {region}"
    )


def _most(spans: Iterable[Span]) -> float:
    return max((float(each.low) for each in spans), default=0.0)
