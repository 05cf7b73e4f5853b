"""What exists in an account and can be imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing

_NAMES_LOOKED_AT: Final = 500


class ImportKind(StrEnum):
    """What can be imported, as the values of `--kind` name it."""

    TRAINING_JOB = "training-job"
    ENDPOINT = "endpoint"
    NOTEBOOK = "notebook"

    @property
    def noun(self) -> str:
        """What SageMaker's API calls it."""
        match self:
            case ImportKind.TRAINING_JOB:
                return "TrainingJob"
            case ImportKind.ENDPOINT:
                return "Endpoint"
            case ImportKind.NOTEBOOK:
                return "NotebookInstance"

    @property
    def words(self) -> str:
        """What a sentence calls it."""
        return "notebook instance" if self is ImportKind.NOTEBOOK else self.value.replace("-", " ")

    @property
    def operation(self) -> str:
        """What the names of boto3's methods end with."""
        return self.words.replace(" ", "_")

    def describe(self, client: Any, name: str) -> dict[str, Any] | None:
        """What SageMaker tells of the one of that name; `None` if there is none."""
        try:
            described: dict[str, Any] = getattr(client, f"describe_{self.operation}")(**{f"{self.noun}Name": name})
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return described

    def names(self, client: Any) -> Iterator[str]:
        """The names of all, the newest first."""
        pages = client.get_paginator(f"list_{self.operation}s")
        member = {
            ImportKind.TRAINING_JOB: "TrainingJobSummaries",
            ImportKind.ENDPOINT: "Endpoints",
            ImportKind.NOTEBOOK: "NotebookInstances",
        }[self]
        for page in pages.paginate(SortBy="CreationTime", SortOrder="Descending"):
            for summary in page[member]:
                yield summary[f"{self.noun}Name"]


@dataclass(frozen=True)
class Existing:
    """Something that exists.

    Attributes:
        kind: Its kind.
        name: Its name.
        description: What SageMaker's describe operation answered.
    """

    kind: ImportKind
    name: str
    description: dict[str, Any]

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.description[f"{self.kind.noun}Arn"])

    @property
    def account(self) -> str:
        """The account that it belongs to."""
        return self.arn.split(":")[4]


def find_existing(target: Target, region: str, name: str, kind: ImportKind | None) -> Existing:
    """The one of that name.

    Args:
        target: Where to look.
        region: Where there.
        name: Its name.
        kind: What it is. Left out, every kind is looked through.

    Raises:
        UserError: There is none, with the near matches; or there are several of different kinds.
    """
    client = target.sagemaker(region)
    kinds = list(ImportKind) if kind is None else [kind]
    described = [(each, each.describe(client, name)) for each in kinds]
    found = [Existing(each, name, description) for each, description in described if description is not None]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(each.kind.words for each in found)
        choice = " or ".join(f"--kind {each.kind}" for each in found)
        raise UserError(f"There are several called '{name}' in {region}: {named}. Say which: {choice}")
    names = [other for each in kinds for other in islice(each.names(client), _NAMES_LOOKED_AT)]
    words = [each.words for each in kinds]
    what = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    nothing = f"{region} has none at all; is it the right region? Give another with --region."
    raise UserError(f"There is no {what} '{name}' in {region}. {near(name, names, nothing)}")
