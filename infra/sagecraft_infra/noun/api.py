"""How SageMaker's API calls the resources of a kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Api:
    """The operations of one kind of resource.

    Attributes:
        noun: What the API calls it, such as `TrainingJob`.
        operation: What the names of boto3's methods hold, such as `training_job`.
        listed: The member of a page that lists them, such as `TrainingJobSummaries`.
        key: The member that tells one from the others. Left out, its name, such as `TrainingJobName`.
        version: What the names of boto3's methods that make and describe one end with, such as `_v2`.
        spoken: What a sentence calls it. Left out, `operation` in words.
    """

    noun: str
    operation: str
    listed: str
    key: str = ""
    version: str = ""
    spoken: str = ""

    @property
    def words(self) -> str:
        """What a sentence calls it."""
        return self.spoken or self.operation.replace("_", " ")

    @property
    def member(self) -> str:
        """The member that tells one from the others."""
        return self.key or f"{self.noun}Name"

    def create(self, client: Any, request: dict[str, Any]) -> None:
        """Asks SageMaker for one."""
        getattr(client, f"create_{self.operation}{self.version}")(**request)

    def describe(self, client: Any, name: str) -> dict[str, Any]:
        """What SageMaker tells of the one of that name."""
        describe = getattr(client, f"describe_{self.operation}{self.version}")
        described: dict[str, Any] = describe(**{self.member: name})
        return described

    def stop(self, client: Any, name: str) -> None:
        """Asks SageMaker to stop one."""
        getattr(client, f"stop_{self.operation}")(**{self.member: name})

    def names(self, client: Any, **chosen: str) -> Iterator[str]:
        """The names of all, in the order and of the choice that the list operation is asked for."""
        for page in client.get_paginator(f"list_{self.operation}s").paginate(**chosen):
            for summary in page[self.listed]:
                yield summary[self.member]

    def newest(self, client: Any, status: str | None = None) -> Iterator[str]:
        """The names, the newest first; of those of one status, if one is given."""
        chosen = {} if status is None else {"StatusEquals": status}
        return self.names(client, SortBy="CreationTime", SortOrder="Descending", **chosen)
