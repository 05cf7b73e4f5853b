"""A ledger whose time a test moves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.metering.clock import MeterClock
from sagecraft_emulator.metering.ledger import Ledger
from sagecraft_emulator.metering.meter import Meter
from sagecraft_emulator.metering.store import MeteredStore
from sagecraft_emulator.state.store import RecordKey

ACCOUNT, REGION = "000000000000", "us-east-1"
START = datetime(2026, 9, 15, 10, tzinfo=UTC).timestamp()


@dataclass
class Books:
    """A store with a ledger, at a time of its own."""

    path: Path
    wall: float = START
    steady: float = 0.0
    store: MeteredStore = field(init=False)
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        clock = MeterClock(lambda: self.wall, lambda: self.steady)
        self.store = MeteredStore(self.path, NOUNS.states, Ledger(NOUNS.metered, clock))
        self.meter = Meter(self.store)

    def pass_seconds(self, seconds: float) -> None:
        self.wall, self.steady = self.wall + seconds, self.steady + seconds

    def beat(self) -> None:
        """What the meter's thread does."""
        with self.store.transaction() as connection:
            self.store.ledger.beat(connection)

    def add(self, kind: str, name: str, status: str | None, tags: Mapping[str, str] | None = None, **body: Any) -> None:
        key = RecordKey(kind, ACCOUNT, REGION, name)
        self.store.create(key, arn=f"arn:{kind}/{name}", status=status, body=body, tags=tags)

    def change(self, kind: str, name: str, status: str | None = None, **body: Any) -> None:
        self.store.update(RecordKey(kind, ACCOUNT, REGION, name), status=status, body=body)

    def remove(self, kind: str, name: str) -> None:
        self.store.delete(RecordKey(kind, ACCOUNT, REGION, name))

    def training(self, name: str, seconds: float, billable: int, count: int = 1, **tags: str) -> None:
        """A training job from its beginning to its end."""
        resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": count, "VolumeSizeInGB": 30}
        self.add("TrainingJob", name, "InProgress", tags, ResourceConfig=resources)
        self.pass_seconds(3)  # it waits, which costs nothing
        self.change("TrainingJob", name, TrainingStartTime=self.wall)
        self.pass_seconds(seconds)
        ending = {"TrainingEndTime": self.wall, "BillableTimeInSeconds": billable}
        self.change("TrainingJob", name, "Completed", **ending)

    def endpoint(self, name: str, instance_type: str, count: int = 1, **tags: str) -> None:
        """An endpoint that has just come into service."""
        self.config(f"{name}-1", instance_type)
        self.add("Endpoint", name, "Creating", tags)
        self.pass_seconds(60)  # it is brought up, which costs nothing
        self.change("Endpoint", name, "InService", **self.serving(f"{name}-1", count))

    def config(self, name: str, instance_type: str) -> None:
        variant = {"VariantName": "all", "InstanceType": instance_type}
        self.add("EndpointConfig", name, None, ProductionVariants=[variant])

    @staticmethod
    def serving(config: str, count: int = 1) -> dict[str, Any]:
        variant = {"VariantName": "all", "CurrentInstanceCount": count}
        return {"EndpointConfigName": config, "ProductionVariants": [variant]}

    @contextmanager
    def killed(self, seconds: float) -> Iterator[None]:
        """Ends it without a word, and takes the file up again so much later."""
        self.store.close()
        self.wall, self.steady = self.wall + seconds, 0.0
        yield
        self.__post_init__()
