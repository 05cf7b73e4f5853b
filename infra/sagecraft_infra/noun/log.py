"""What writes a log and is no job."""

from dataclasses import dataclass

from .api import Api


@dataclass(frozen=True, kw_only=True)
class Logged:
    """A kind of resource that writes a log as long as it stands.

    Attributes:
        api: Its operations.
        group: The log group of one; `{name}` stands for its name.
        prefix: What the names of its streams begin with, likewise. Left out, all streams of the group are its own.
    """

    api: Api
    group: str
    prefix: str = ""
