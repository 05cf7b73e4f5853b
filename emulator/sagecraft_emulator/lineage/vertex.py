"""What associations may lead from and to."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Record, Store

OF_EXPERIMENTS: Final = ("Experiment", "TrialComponent")
ENTITIES: Final = ("Artifact", "Action", "Context", *OF_EXPERIMENTS)
"""The kinds that may be associated."""


class Vertex(NamedTuple):
    """One of them.

    Attributes:
        record: Its record.
        name: What it is called; None for an artifact without a name.
        type: Its own type, such as `Model`; of a component, what it was made of.
        properties: Its properties.
    """

    record: Record
    name: str | None
    type: str
    properties: Mapping[str, Any]

    @property
    def lineage_type(self) -> str:
        """Its kind, as `QueryLineage` calls it."""
        return self.record.key.kind


def vertex(store: Store, arn: str) -> Vertex | None:
    """What has an ARN; None where that is none of the kinds that may be associated, or is not there."""
    try:
        record = store.find_arn(arn)
    except RecordMissing:
        return None
    return of_record(record) if record.key.kind in ENTITIES else None


def of_record(record: Record) -> Vertex:
    """A record as one of a lineage."""
    kind, body = record.key.kind, record.body
    made_of = body.get("Source", {}).get("SourceType", kind).removeprefix("SageMaker")
    of_type = body.get(f"{kind}Type", made_of)  # a TrialComponent of a job is a TrainingJob to the SDK's queries
    name = body.get("ArtifactName") if kind == "Artifact" else record.key.name
    return Vertex(record, name, of_type, body.get("Properties", {}))
