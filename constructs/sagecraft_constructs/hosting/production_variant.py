"""A model and the instances that it runs on, as a part of an endpoint."""

from dataclasses import dataclass

from sagecraft_catalog import InstanceUse

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.checks import check_number
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .base import ModelBase


@check_props
@dataclass(frozen=True, kw_only=True)
class ProductionVariant:
    """A model and the instances that serve it.

    Attributes:
        model: What is served.
        name: Left out, `AllTraffic`; several variants of one endpoint need several names.
        instance_type: Left out, `ml.m5.large`.
        initial_instance_count: Left out, one.
        initial_variant_weight: The variant's share is its weight in the sum of all. Left out, 1.
    """

    model: ModelBase
    name: str = "AllTraffic"
    instance_type: InstanceType | None = None
    initial_instance_count: int = 1
    initial_variant_weight: float = 1.0

    @property
    def instance_type_name(self) -> str:
        """Such as `ml.m5.large`."""
        return "ml.m5.large" if self.instance_type is None else self.instance_type.name

    def check(self, problems: Problems) -> None:
        """Notes what is wrong with the variant."""
        subject = "variant" if is_token(self.name) else f"variant '{self.name}'"
        if self.instance_type is not None:
            with problems.noting(f"{subject}: instance_type"):
                self.instance_type.check(InstanceUse.HOSTING)
        check_number(problems, f"{subject}: initial_instance_count", self.initial_instance_count, 1)
        check_number(problems, f"{subject}: initial_variant_weight", self.initial_variant_weight, 0)
