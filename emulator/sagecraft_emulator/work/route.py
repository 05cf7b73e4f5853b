"""Where the invocations of an endpoint go: variants by weight, within a variant the instance with the least to do."""

import bisect
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .http_connection import ConnectionPool


@dataclass(eq=False)
class InstanceRoute:
    """One container that answers.

    Attributes:
        instance_id: Its id, in the form of EC2's; names its log stream.
        port: Where it listens on the loopback interface.
        ready: Whether it answers `/ping`; set by what supervises its process.
        in_flight: Requests that it is working on; changed by the event loop alone.
    """

    instance_id: str
    port: int
    pool: ConnectionPool
    ready: bool = False
    in_flight: int = 0


@dataclass(frozen=True)
class VariantRoute:
    """The containers of a production variant."""

    name: str
    instances: Sequence[InstanceRoute]

    def choose(self, tried: Sequence[InstanceRoute] = ()) -> InstanceRoute | None:
        """The ready instance with the fewest requests in flight, or None when all were tried or none is ready."""
        chosen: InstanceRoute | None = None
        for instance in self.instances:
            if instance.ready and instance not in tried and (chosen is None or instance.in_flight < chosen.in_flight):
                chosen = instance
        return chosen


@dataclass(frozen=True)
class Route:
    """All variants of an endpoint, with their share of the traffic. Never changed: another one takes its place."""

    variants: Mapping[str, VariantRoute]
    weights: Mapping[str, float]
    _cumulative: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_cumulative", list(itertools.accumulate(self.weights[name] for name in self.variants))
        )

    def choose_variant(self) -> VariantRoute:
        """A variant by chance, in the proportion of the weights."""
        variants = list(self.variants.values())
        if len(variants) == 1:
            return variants[0]
        point = random.random() * self._cumulative[-1]  # noqa: S311 - shares traffic, keeps no secret
        return variants[min(bisect.bisect_right(self._cumulative, point), len(variants) - 1)]
