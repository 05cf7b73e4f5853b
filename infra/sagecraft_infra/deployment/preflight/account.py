"""The quotas of an account in a region, and how much of them is taken there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
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
        is_offered: Whether there is such a quota in the region, as there is for the instance types that AWS offers.
        is_kept: Whether more is refused: an emulator keeps to quotas on wish alone.
    """

    value: float | None
    code: str | None
    how: str
    is_offered: bool = True
    is_kept: bool = True


class AccountQuotas:
    """The quotas of an account in a region: those that Service Quotas tells, else what a new account has.

    Args:
        target: The account.
        region: The region.
    """

    def __init__(self, target: Target, region: str) -> None:
        self._client = target.service_quotas(region)
        self._is_local = target.is_local
        self.problem = ""
        """Why Service Quotas could not be asked; empty where it was."""

    def limit(self, quota: Quota) -> Limit:
        """How much there may be."""
        if not self.problem:
            try:
                return self._asked(quota)
            except (ClientError, BotoCoreError) as error:
                self.problem = str(error)
        if quota.default is None:
            return Limit(None, quota.code, "nobody has published what a new account has")
        told = f"that of a new account, {quota.default.reference}"
        return Limit(float(quota.default.value), quota.code, told, is_kept=not self._is_local)

    def _asked(self, quota: Quota) -> Limit:
        applied = self._get("get_service_quota", quota, lambda: self._applied)
        if applied is not None and "Value" in applied:
            return Limit(float(applied["Value"]), applied["QuotaCode"], "applied to this account")
        default = self._get("get_aws_default_service_quota", quota, lambda: self._defaults)
        if default is None:
            return Limit(None, quota.code, "AWS has no such quota there", is_offered=False)
        if "Value" not in default:
            return Limit(None, default["QuotaCode"], "nobody has published what a new account has")
        return Limit(float(default["Value"]), default["QuotaCode"], "AWS's default", is_kept=not self._is_local)

    def _get(self, operation: str, quota: Quota, listed: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """What is told of a quota by its code; by its name, of all that there are, where the code is not known."""
        if quota.code is None:
            return listed().get(quota.name)
        try:
            answer = getattr(self._client, operation)(ServiceCode=_SERVICE, QuotaCode=quota.code)
        except self._client.exceptions.NoSuchResourceException:
            return None
        told: Mapping[str, Any] = answer["Quota"]
        return told

    @cached_property
    def _applied(self) -> Mapping[str, Any]:
        return self._listed("list_service_quotas")

    @cached_property
    def _defaults(self) -> Mapping[str, Any]:
        return self._listed("list_aws_default_service_quotas")

    def _listed(self, operation: str) -> dict[str, Any]:
        pages = self._client.get_paginator(operation).paginate(ServiceCode=_SERVICE)
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
