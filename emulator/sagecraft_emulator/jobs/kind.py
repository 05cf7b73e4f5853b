"""What all kinds of jobs have in common: they begin when created, may be stopped, and are deleted when they ended."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, InvalidTransition, NotDone, not_done, validation_error
from sagecraft_emulator.state.store import Store
from sagecraft_emulator.surroundings.surroundings import Surroundings

from .protocol import Jobs
from .states import ENDED


class JobKind(ResourceKind):
    """A kind of job. A subclass says what is wrong with a request, and what a new job's record holds besides it.

    Args:
        store: Where records are.
        jobs: What runs the jobs.
        surroundings: What a request may name outside of SageMaker. Left out, nothing need be there.
    """

    not_ended_code: ClassVar[str] = "ResourceInUse"
    """AWS's code for a job that cannot be deleted because it has not ended."""

    def __init__(self, store: Store, jobs: Jobs, surroundings: Surroundings | None = None) -> None:
        super().__init__(store)
        self._jobs, self._surroundings = jobs, surroundings

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), f"Stop{self.kind}": self.stop}

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        raise NotImplementedError

    def look(self, surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
        """Refuses a request that names what is not there, or may not be used.

        Raises:
            ApiError: With AWS's words.
        """
        raise NotImplementedError

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        raise NotImplementedError

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins a job.

        Raises:
            ApiError: The request contradicts itself, asks for what cannot be run here or names what is not there, or
                its name is taken.
        """
        problems = list(self.problems(caller, request))
        wrong = [each for each in problems if not isinstance(each, NotDone)]
        if wrong:
            raise validation_error(" ".join(wrong))
        if problems:
            raise not_done(" ".join(problems))
        if self._surroundings is not None:
            self.look(self._surroundings, caller, request)
        record = self.add(caller, request, status="InProgress", body=self.body(request))
        self._jobs.start(record.key)
        return {f"{self.kind}Arn": record.arn}

    def stop(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to stop a job.

        Raises:
            ApiError: There is none of that name, or it has ended.
        """
        record = self.record(caller, request[f"{self.kind}Name"])
        try:
            self.store.update(record.key, status="Stopping")
        except InvalidTransition:
            status = self.record(caller, record.key.name).status
            raise validation_error(
                f"The request was rejected because the {self.spoken} is in status {status}."
            ) from None
        if record.status != "Stopping":
            self._jobs.stop(record.key)
        return {}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes the record of a job that has ended; its objects in S3 stay.

        Raises:
            ApiError: There is none of that name, or it has not ended.
        """
        record = self.record(caller, request[f"{self.kind}Name"])
        if record.status not in ENDED:
            raise ApiError(
                self.not_ended_code,
                f"The request was rejected because the {self.spoken} is in status {record.status}. "
                f"Stop it first; a {self.spoken} can be deleted when it is Completed, Failed or Stopped.",
            )
        self.store.delete(record.key)
        return {}

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        noun = self.spoken.capitalize()
        return ApiError(
            "ResourceInUse",
            f"{noun} names must be unique within an AWS account and region, and a {self.spoken} with this name "
            f"already exists ({arn})",
        )

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text names neither
        """AWS's answer to a name that there is not."""
        return validation_error("Requested resource not found.")
