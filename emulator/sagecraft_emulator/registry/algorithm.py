"""Algorithms: a container that trains, and what its models are served with, under one name."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.errors import ApiError, not_done, validation_error


class AlgorithmKind(ResourceKind):
    """`CreateAlgorithm` and its siblings; a model package names one that its model was trained by."""

    kind, arn_type, spoken = "Algorithm", "algorithm", "algorithm"
    plural, list_member = "Algorithms", "AlgorithmSummaryList"
    sort_order = "Ascending"

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds an algorithm; it is complete at once.

        Raises:
            ApiError: The name is taken, or the algorithm is to be tried out, which the emulator does not.
        """
        for member in ("ValidationSpecification", "CertifyForMarketplace"):
            if request.get(member):
                raise not_done(f"{member} is not supported by this emulator; leave it out.")
        body = {
            "CertifyForMarketplace": False,
            "AlgorithmStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }
        return {"AlgorithmArn": self.add(caller, request, status="Completed", body=body).arn}

    def taken(self, arn: str) -> ApiError:
        """The answer to a name that is taken, in the words that AWS has for model packages."""
        return validation_error(f"Algorithm already exists: {arn}")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the text tells the ARN
        """The answer to a name that there is not, in the words that AWS has for model packages."""
        return validation_error(f"Algorithm {arn} does not exist.")
