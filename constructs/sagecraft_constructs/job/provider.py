"""The custom resource provider that runs the jobs of a stack."""

from typing import ClassVar

from sagecraft_constructs.provider import FunctionProvider

from .kind import JobKind
from .needs import JobNeeds, allow_jobs, allow_needs


class JobProvider(FunctionProvider):
    """The functions that begin, await and stop jobs of every kind; one for each stack.

    They may do so to jobs of the kinds and below the name prefixes that were allowed, and whatever else those need.
    """

    construct_id: ClassVar[str] = "SagecraftJobs"
    handler_module: ClassVar[str] = "job"
    begins: ClassVar[str] = "Begins and stops the jobs of this stack"
    asks: ClassVar[str] = "Asks whether the jobs of this stack have ended"

    def allow(self, kind: JobKind, name_prefix: str, needs: JobNeeds) -> None:
        """Allows to run the jobs of a kind whose names begin with a prefix."""
        name, version = kind.name, kind.api_version
        actions = ["AddTags", f"Create{name}{version}", "DeleteTags", f"Describe{name}{version}", f"Stop{name}"]
        self._allow_jobs(actions, kind, name_prefix)
        allow_needs(self._role, needs)
        if needs.results is not None:
            bucket, prefix = needs.results
            self._allow(["s3:ListBucket"], bucket.bucket_arn, {"StringLike": {"s3:prefix": [f"{prefix}*"]}})
        if needs.begun is not None:
            self._allow_jobs([f"Describe{needs.begun.name}"], needs.begun, name_prefix)

    def _allow_jobs(self, actions: list[str], kind: JobKind, name_prefix: str) -> None:
        reason = "The name of a job ends with a hash of its definition, known only at deployment."
        allow_jobs(self, self._role, actions, kind, f"{name_prefix}-", reason)
