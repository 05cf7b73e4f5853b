"""Where the invocations of an endpoint go: variants by weight, within a variant the instance with the least to do."""

import bisect
import itertools
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sagecraft_emulator.container.http_connection import ConnectionPool


@dataclass(eq=False)
class InstanceRoute:
    """One container that answers.

    Attributes:
        instance_id: Its id, in the form of EC2's; names its log stream.
        pool: The connections to it; None while it does not answer `/ping`. Set by what supervises its process.
        in_flight: Requests that it is working on; changed by the event loop alone.
        suspect_until: Monotonic seconds until which others are asked first, because it left a request without an answer
            and may just be ending. Set by the event loop.
        answered: Monotonic seconds at which it answered an invocation last. Set by the event loop.
    """

    instance_id: str
    pool: ConnectionPool | None = None
    in_flight: int = 0
    suspect_until: float = 0.0
    answered: float = 0.0


@dataclass(frozen=True)
class VariantRoute:
    """The containers of a production variant."""

    name: str
    instances: Sequence[InstanceRoute]

    def choose(self, tried: Sequence[InstanceRoute] = ()) -> InstanceRoute | None:
        """The instance with the fewest requests in flight, or None when all that answer were tried."""
        able = [instance for instance in self.instances if instance.pool is not None and instance not in tried]
        if len(able) == 1:
            return able[0]
        now = time.monotonic()
        return min(able, key=lambda instance: (instance.suspect_until > now, instance.in_flight), default=None)


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
