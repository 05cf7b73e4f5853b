"""What this room is told of the environments of teams, which are made of what other nouns show."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

TEAM: Final = Noun(
    look=Look(shown={"Custom::LogRetention": (Kind.MONITORING, "Log retention")}),
    components=(Component("TeamEnvironment"),),
    costs=charged.TEAM,
)
