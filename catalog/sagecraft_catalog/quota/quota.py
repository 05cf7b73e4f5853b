"""Quotas as AWS names them, with their codes and what a new account has.

Source: "Amazon SageMaker AI endpoints and quotas", https://docs.aws.amazon.com/general/latest/gr/sagemaker.html, and
those that `data/quotas.json` names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final

from sagecraft_catalog.instance_type import InstanceUse, instance_types
from sagecraft_catalog.package_data import load


class QuotaUse(StrEnum):
    """What an instance type has a quota for."""

    TRAINING = "training"
    SPOT_TRAINING = "spot-training"
    WARM_POOL = "warm-pool"
    PROCESSING = "processing"
    TRANSFORM = "transform"
    ENDPOINT = "endpoint"
    NOTEBOOK = "notebook"
    JUPYTER_LAB = "jupyter-lab"
    CODE_EDITOR = "code-editor"


_TYPES: Final = {
    QuotaUse.TRAINING: InstanceUse.TRAINING,
    QuotaUse.SPOT_TRAINING: InstanceUse.TRAINING,
    QuotaUse.WARM_POOL: InstanceUse.TRAINING,
    QuotaUse.PROCESSING: InstanceUse.PROCESSING,
    QuotaUse.TRANSFORM: InstanceUse.TRANSFORM,
    QuotaUse.ENDPOINT: InstanceUse.HOSTING,
    QuotaUse.NOTEBOOK: InstanceUse.NOTEBOOK,
    QuotaUse.JUPYTER_LAB: InstanceUse.STUDIO,
    QuotaUse.CODE_EDITOR: InstanceUse.STUDIO,
}


@dataclass(frozen=True)
class Default:
    """What a new account has.

    Attributes:
        value: So many.
        date: When it was so; None where the source does not say.
        source: Who says so.
    """

    value: int
    date: date | None
    source: str

    @property
    def reference(self) -> str:
        """When it was so, and who says it, for people."""
        return f"{'undated' if self.date is None else f'of {self.date}'}, {self.source}"


@dataclass(frozen=True)
class Quota:
    """A quota of an account in a region.

    Attributes:
        name: AWS's name of it.
        unit: What it counts, as AWS's errors call it: `Instances`, `Apps`.
        code: AWS's code; None where it is not known.
        default: What a new account has; None where it is not known.
        is_of_each: Whether it limits each request by itself, and not all together.
    """

    name: str
    unit: str
    code: str | None
    default: Default | None
    is_of_each: bool = False


def quota_of_type(use: QuotaUse, instance_type: str) -> Quota:
    """The quota of an instance type for a use.

    Args:
        use: What for.
        instance_type: A type such as `ml.m5.large`, whether it may be used so or not.
    """
    group = load("quotas")["by_type"][use]
    name = group["name"].format(type=instance_type)
    return Quota(name, group["unit"], group["codes"].get(instance_type), _default_of_type(group, instance_type))


def total_quota(name: str) -> Quota:
    """A quota that is not of one instance type.

    Args:
        name: AWS's name of it.

    Raises:
        KeyError: It is not known here.
    """
    told = load("quotas")["totals"][name]
    default = None if "default" not in told else _default(told["default"], {**load("quotas")["defaults"], **told})
    return Quota(name, told["unit"], told.get("code"), default, told.get("of_each", False))


@cache
def quotas() -> Mapping[str, Quota]:
    """Every quota that is known here, by its name: of the types that the API takes for a use, and the totals."""
    of_types = [quota_of_type(use, each) for use in QuotaUse for each in sorted(instance_types(_TYPES[use]))]
    totals = [total_quota(name) for name in load("quotas")["totals"]]
    return {quota.name: quota for quota in (*of_types, *totals)}


def _default_of_type(group: Mapping[str, Any], instance_type: str) -> Default | None:
    listed = load("quotas")["defaults"]
    if instance_type in group["above_zero"]:
        return _default(group["above_zero"][instance_type], listed)
    if instance_type in group["zero"]:
        return _default(0, listed)
    others = group.get("others")
    return None if others is None else _default(others["value"], others)


def _default(value: int, told: Mapping[str, Any]) -> Default:
    day = told["date"]
    return Default(value, None if day is None else date.fromisoformat(day), told["source"])
