"""What the construct has told its function, by variables of its environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Settings:
    """What may be stopped, when, and who is told.

    Attributes:
        switch: The path of the construct, for people.
        tags: What is stopped carries all of these.
        kinds: Of ARNs that are stopped, such as `endpoint`.
        table: Remembers what is to be brought back.
        topic_arn: What is told.
        idle: How long nobody may have asked; None for ever.
        longest_job: How long a job may take; None for as long as it likes.
    """

    switch: str
    tags: Mapping[str, str]
    kinds: frozenset[str]
    table: str
    topic_arn: str
    idle: timedelta | None
    longest_job: timedelta | None

    @classmethod
    def of_environment(cls) -> "Settings":
        """Those of the function that this process is."""
        return cls(
            switch=os.environ["SWITCH"],
            tags=json.loads(os.environ["TAGS"]),
            kinds=frozenset(os.environ["KINDS"].split(",")),
            table=os.environ["TABLE"],
            topic_arn=os.environ["TOPIC_ARN"],
            idle=_seconds("IDLE_SECONDS"),
            longest_job=_seconds("MAX_RUNTIME_SECONDS"),
        )


def _seconds(name: str) -> timedelta | None:
    value = os.environ.get(name)
    return None if value is None else timedelta(seconds=int(value))
