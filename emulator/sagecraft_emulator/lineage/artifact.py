"""Artifacts: what has a URI, such as rows, an image or a model. There is one of each URI.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/lineage-tracking-entities.html
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import validation_error
from sagecraft_emulator.state.store import Record

from .entity import LineageKind


class ArtifactKind(LineageKind):
    """`CreateArtifact` and its siblings."""

    kind, arn_type, spoken = "Artifact", "artifact", "artifact"
    plural, list_member = "Artifacts", "ArtifactSummaries"
    filters = frozenset({"SourceUri", "ArtifactType"})

    def name_in(self, request: Mapping[str, Any]) -> str:
        """What an artifact's ARN ends with: a digest of its URI, which no second one has."""
        if "ArtifactArn" in request:
            return str(request["ArtifactArn"]).rpartition("/")[2]
        return hashlib.sha256(request["Source"]["SourceUri"].encode()).hexdigest()[:32]

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes the artifact of an ARN or a source.

        Raises:
            ApiError: There is none, it is associated, or both or neither are given.
        """
        if ("ArtifactArn" in request) == ("Source" in request):
            raise validation_error("Exactly one of ArtifactArn and Source must be given.")
        return super().delete(caller, request)

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record; an artifact need not have a name."""
        view = super().view(record)
        if "ArtifactName" not in record.body:
            del view["ArtifactName"]
        return view
