"""What experiments, trials and trial components have in common."""

import time
from collections.abc import Mapping
from threading import RLock
from typing import Any, ClassVar, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record

CHANGED: Final = "_Changed"
"""In a record: when it was last changed by a request or by its job, and not because it was put into a trial."""

CHANGING: Final = RLock()
"""Held while something gets parts, or goes because it has none."""


class EntityKind(ResourceKind):
    """A kind of what an experiment consists of; it is named by a name, and described by an ARN, too."""

    case_sensitive = False
    parts: ClassVar[str]
    """What must be gone before one can be deleted, in AWS's words."""

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), f"Update{self.kind}": self.update}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds one; it is displayed by its name, where it has no other to be displayed by."""
        with CHANGING:
            return {f"{self.kind}Arn": self.add(caller, request, status=None, body=self.body(caller, request)).arn}

    def body(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - a trial's asks for both
        """The members of a new record besides those of its request."""
        return {"DisplayName": request.get("DisplayName", self.name_in(request)), "CreatedBy": {}, "LastModifiedBy": {}}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes what is given."""
        record = self.record(caller, self.name_in(request))
        members = {name: value for name, value in request.items() if name != f"{self.kind}Name"}
        self.store.update(record.key, body={**members, CHANGED: time.time()})
        return {f"{self.kind}Arn": record.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes one that has no parts any more.

        Source of AWS's words, for a trial component: https://github.com/aws/sagemaker-python-sdk/pull/1515

        Raises:
            ApiError: There is none of that name, or it has parts.
        """
        record = self.record(caller, self.name_in(request))
        with CHANGING:
            if self.is_linked(self.store.get(record.key)):
                raise validation_error(
                    f"{self.kind} '{record.arn}' is linked to 1 or more {self.parts} and cannot be deleted."
                )
            self.store.delete(record.key)
        return {f"{self.kind}Arn": record.arn}

    def is_linked(self, record: Record) -> bool:
        """Whether something must be taken away before a record may go."""
        raise NotImplementedError

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of the record that a request is of, which may give its ARN."""
        return super().name_in(request).rpartition("/")[2]

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record, in descriptions and in lists."""
        view = super().view(record)
        source = {} if "Source" not in view else {f"{self.kind}Source": view["Source"]}
        return {**view, **source, "LastModifiedTime": record.body.get(CHANGED, record.created)}

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken, by which its SDK knows to load what is there.

        Source: https://github.com/aws/deep-learning-containers/pull/155
        """
        return validation_error(f"{self.kind} with name ({arn.rpartition('/')[2]}) already exists.")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the text tells the ARN
        """The answer to a name that there is not; the code is that of the service model, AWS publishes no text."""
        return resource_not_found(f"{self.kind} '{arn}' does not exist.")
