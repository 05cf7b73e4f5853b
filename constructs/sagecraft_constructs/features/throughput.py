"""How much a feature group may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sagecraft_catalog.feature_group import CAPACITY_UNITS, PROVISIONED, throughput_problems

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

_MOST_UNITS: Final = 10_000_000


@check_props
@dataclass(frozen=True, kw_only=True)
class ProvisionedThroughput:
    """Capacity that is paid for by the hour, whether it is used or not; what is over it is refused.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-throughput-mode.html

    Attributes:
        write_capacity_units: Records of a KiB a second that may be put.
        read_capacity_units: Of 4 KiB that may be read, where the group has an online store.
    """

    write_capacity_units: int
    read_capacity_units: int | None = None

    def check(self, problems: Problems, storage_type: str | None) -> None:
        """Notes what cannot be, in a group whose online store is of a type; None without one."""
        units = {"write_capacity_units": self.write_capacity_units, "read_capacity_units": self.read_capacity_units}
        for prop, value in units.items():
            if value is not None and not is_token(value) and not 0 <= value <= _MOST_UNITS:
                problems.add(prop, f"should be 0 to {_MOST_UNITS:,}, got {value}.")
        if storage_type is None and self.read_capacity_units is not None:
            problems.add("read_capacity_units", "is for an online store, which the group does not have; leave it out.")
        elif any(throughput_problems(self.config, storage_type)):
            problem = " ".join(throughput_problems(self.config, storage_type))
            problems.add("read_capacity_units" if self.read_capacity_units is None else "throughput", problem)

    @property
    def config(self) -> Mapping[str, object]:
        """A `ThroughputConfig`."""
        units = dict(zip(CAPACITY_UNITS, (self.read_capacity_units, self.write_capacity_units), strict=True))
        return {"ThroughputMode": PROVISIONED, **{name: value for name, value in units.items() if value is not None}}
