"""The quotas of an account in a region, and how much of them is taken there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from sagecraft_catalog.quota.demand import JOBS, Demands, known_request
from sagecraft_catalog.quota.quota import Quota

from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

_SERVICE: Final = "sagemaker"


@dataclass(frozen=True)
class Limit:
    """How much there may be of something.

    Attributes:
        value: So much; None where nobody knows.
        code: AWS's code of the quota; None where it is not known.
        how: How that is known.
    """

    value: float | None
    code: str | None
    how: str


class AccountQuotas:
    """The quotas of an account in a region: those that Service Quotas tells, else what a new account has.

    Args:
        target: The account.
        region: The region.
    """

    def __init__(self, target: Target, region: str) -> None:
        client = target.service_quotas(region)
        self.problem = ""
        """Why Service Quotas could not be asked; empty where it was."""
        self._applied: Mapping[str, Any] = {}
        self._defaults: Mapping[str, Any] = {}
        try:
            self._defaults = _listed(client, "list_aws_default_service_quotas")
            self._applied = _listed(client, "list_service_quotas")
        except (ClientError, BotoCoreError) as error:
            self.problem = str(error)

    @property
    def are_kept(self) -> bool:
        """Whether anything is limited there: an emulator keeps to quotas on wish alone."""
        return bool(self._applied or self.problem)

    def is_offered(self, quota: Quota) -> bool:
        """Whether AWS has such a quota in the region, as it has for the instance types that there are."""
        return not self._defaults or quota.name in {*self._defaults, *self._applied}

    def limit(self, quota: Quota) -> Limit:
        """How much there may be."""
        told = self._applied.get(quota.name)
        how = "applied to this account"
        if told is None or "Value" not in told:
            told, how = self._defaults.get(quota.name), "AWS's default"
        if told is not None and "Value" in told:
            return Limit(float(told["Value"]), told["QuotaCode"], how)
        if quota.default is None:
            return Limit(None, quota.code, "nobody has published what a new account has")
        return Limit(float(quota.default.value), quota.code, f"that of a new account, {quota.default.reference}")


def _listed(client: Any, operation: str) -> dict[str, Any]:
    pages = client.get_paginator(operation).paginate(ServiceCode=_SERVICE)
    return {each["QuotaName"]: each for page in pages for each in page["Quotas"]}


def taken(target: Target, region: str, kinds: Iterable[str], own: Iterable[str]) -> dict[str, float]:
    """How much of each quota is taken by what stands and works in a region, by the quota's name.

    Args:
        target: The account.
        region: The region.
        kinds: The types of resources, and AWS's nouns of jobs, that are looked at.
        own: The names of what is not counted.
    """
    sums: dict[str, float] = {}
    wanted, left_out = set(kinds), set(own)
    for name, demands in (*_standing(target, region, wanted), *_working(target, region, wanted)):
        for demand in demands if name not in left_out else ():
            sums[demand.quota.name] = sums.get(demand.quota.name, 0) + float(demand.amount.low)
    return sums


def _standing(target: Target, region: str, wanted: set[str]) -> Iterator[tuple[str, Demands]]:
    client = target.sagemaker(region)
    for holder in NOUNS.holders:
        if holder.resource_type in wanted:
            yield from holder.held(client)


def _working(target: Target, region: str, wanted: set[str]) -> Iterator[tuple[str, Demands]]:
    client = target.sagemaker(region)
    for kind in NOUNS.jobs:
        noun = kind.api.noun
        # A tuning job's work is training jobs, which are counted as such.
        if noun not in wanted or noun not in JOBS or noun == "HyperParameterTuningJob":
            continue
        for name in kind.api.names(client, StatusEquals="InProgress"):
            job = found(partial(kind.api.describe, client, name))
            if job is not None and "AutoMLJobArn" not in job:
                yield name, JOBS[noun](known_request(job))
