"""Who works in a team, and as what."""

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_iam as iam

from sagecraft_constructs.prop_kinds import check_props


class Persona(StrEnum):
    """What somebody is there for, which says what they may do."""

    DATA_SCIENTIST = "data-scientist"
    """Works in notebooks of their own, runs jobs and makes models; reads and writes their own data and the shared."""
    MLOPS_ENGINEER = "mlops-engineer"
    """Runs jobs too, deploys models, and ends whatever of the team's runs."""
    REVIEWER = "reviewer"
    """Looks at the team's work, its logs and the shared data, and changes nothing."""

    @property
    def works(self) -> bool:
        """Whether they have data of their own and run jobs."""
        return self is not Persona.REVIEWER

    @property
    def has_workplace(self) -> bool:
        """Whether they have a notebook instance, or are a user of Studio."""
        return self is Persona.DATA_SCIENTIST


class Workplace(StrEnum):
    """Where data scientists work."""

    NOTEBOOK = "notebook"
    """Each on a notebook instance."""
    STUDIO = "studio"
    """Each as a user of one domain of Studio."""


@check_props
@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of a team.

    Attributes:
        name: Letters and digits, and `-` between them, at most 32. Their data lies below `people/<name>/`, and what
            they start is tagged with it.
        persona: One of `Persona`, or its value.
        assumed_by: Who may act as their role: an identity provider, an IAM user, another account. Left out, whoever
            the administrators of the stack's account allow to assume it.
    """

    name: str
    persona: Persona | str
    assumed_by: iam.IPrincipal | None = None
