"""How CloudFormation drives the API, whichever host runs CloudFormation.

A property whose change needs another resource, and the attributes of each type, are those of AWS's resource schemas.
`Ref` is the ARN, but of a type that has an identifier of other properties.
"""

import secrets
import string
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.api.service_model import operation_model
from sagecraft_emulator.errors import ApiError, EmulatorError
from sagecraft_emulator.state.store import Record

from .template_values import coerced, unknown_properties, value_at

WAIT_SECONDS: Final = 3600.0
POLL_SECONDS: Final = 0.1
_SUFFIX_LENGTH: Final = 12
_LOGICAL_ID_LENGTH: Final = 48
_ABSENT: Final = frozenset({"ValidationException", "ResourceNotFound"})
"""How the API tells that there is no such resource."""

Request = dict[str, Any]


class ResourceFailed(EmulatorError):
    """A resource that did not become what its properties ask for; the message is the stack event's reason."""


@dataclass(frozen=True)
class Provisioned:
    """A resource that CloudFormation made: what `Ref` gives, and what `Fn::GetAtt` gives."""

    physical_id: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class ResourceType:
    """How CloudFormation makes, changes and removes resources of one type through the API.

    Attributes:
        noun: AWS's noun, such as `EndpointConfig`.
        create_only: Paths of the properties whose change replaces the resource, such as `GitConfig.Branch`.
        update_only: Properties that say how to update, which the API's Create operation does not take.
        renamed: What the API calls a property that has another name there.
    """

    settled: ClassVar[frozenset[str]] = frozenset({"InService", "Failed", "Stopped", "UpdateRollbackFailed"})
    """The statuses that last."""
    noun: str
    create_only: frozenset[str]
    update_only: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def create(
        self, service: SageMakerService, caller: Caller, logical_id: str, properties: Mapping[str, Any]
    ) -> Provisioned:
        """Makes a resource, and waits until it works. What fails on the way is removed again.

        Raises:
            ResourceFailed: It did not come to work; with its reason.
            ApiError: The API refuses the properties.
        """
        self._refuse_unknown(properties)
        request = self._request(f"Create{self.noun}", self._named(properties, logical_id))
        arn = service.call(f"Create{self.noun}", request, caller)[f"{self.noun}Arn"]
        name = self._name_in_arn(arn)
        try:
            self._after_create(service, caller, name, request)
        except Exception:  # whatever it is: no stack would know the resource
            self._remove(service, caller, name)
            raise
        return self._provisioned(service, caller, name, arn)

    def update(
        self,
        service: SageMakerService,
        caller: Caller,
        physical_id: str,
        logical_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> Provisioned:
        """Changes a resource in place, or makes another one in its stead; that the caller removes the old one then.

        Raises:
            ResourceFailed: It does not work as the new properties ask for; with its reason.
            ApiError: The API refuses the properties.
        """
        self._refuse_unknown(new)
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        replacing = sorted(path for path in self.create_only if value_at(old, path) != value_at(new, path))
        if replacing:
            if new.get(self._name_property) and changed.isdisjoint(self._unique_properties):
                raise ResourceFailed(
                    f"{self.noun} '{new[self._name_property]}' has a name of its own, and a change of "
                    f"{', '.join(replacing)} needs another resource, which cannot have the same name. Change "
                    f"{self._name_property} too, or leave it out."
                )
            return self.create(service, caller, logical_id, new)
        name = self._name_of(physical_id)
        if changed and self._describe(service, caller, name) is None:
            raise ResourceFailed(
                f"{self.noun} '{name}' is not there: it was deleted, and not by this stack. Have the stack make "
                "another: deploy once without it, or give it another construct id (in a template, a logical id)."
            )
        if changed - {"Tags"}:
            self._change(service, caller, name, new)
        arn = self._arn(service, caller, physical_id)
        if "Tags" in changed:
            _change_tags(service, caller, arn, old.get("Tags", []), new.get("Tags", []))
        return self._provisioned(service, caller, name, arn)

    def delete(self, service: SageMakerService, caller: Caller, physical_id: str) -> None:
        """Removes a resource, and waits until it is gone. One that is gone already is no error."""
        self._remove(service, caller, self._name_of(physical_id))

    def physical_id(self, record: Record) -> str:
        """What `Ref` gives of the resource of a record."""
        return record.arn

    def may_be(self, record: Record, logical_id: str, properties: Mapping[str, Any]) -> bool:
        """Whether a record can be what was made for a resource of a template."""
        name = record.key.name
        return name == properties.get(self._name_property) or is_generated_name(name, logical_id)

    def _remove(self, service: SageMakerService, caller: Caller, name: str) -> None:
        if self._describe(service, caller, name) is None:
            return
        self._before_delete(service, caller, name)
        self._delete(service, caller, name)
        _wait_until(lambda: self._describe(service, caller, name) is None, f"{self.noun} '{name}' to be deleted")

    def _delete(self, service: SageMakerService, caller: Caller, name: str) -> None:
        """Begins to remove a resource."""
        service.call(f"Delete{self.noun}", self._members_of(name), caller)

    @property
    def _name_property(self) -> str:
        return f"{self.noun}Name"

    @property
    def _unique_properties(self) -> Collection[str]:
        """The properties of which no two resources have all the same."""
        return (self._name_property,)

    @property
    def _status_member(self) -> str:
        return f"{self.noun}Status"

    def _named(self, properties: Mapping[str, Any], logical_id: str) -> Mapping[str, Any]:
        """The properties with a name."""
        return {**properties, self._name_property: properties.get(self._name_property) or generated_name(logical_id)}

    def _name_in_arn(self, arn: str) -> str:
        """The name of a resource's record."""
        return arn.rpartition("/")[2]

    def _name_of(self, physical_id: str) -> str:
        """The name of the record of the resource that `Ref` gives so."""
        return self._name_in_arn(physical_id)

    def _arn(self, service: SageMakerService, caller: Caller, physical_id: str) -> str:  # noqa: ARG002 - some ask
        """The ARN of the resource that `Ref` gives so."""
        return physical_id

    def _members_of(self, name: str) -> Request:
        """What a request has to have to be of the resource with a record of that name."""
        return {self._name_property: name}

    def _provisioned(self, service: SageMakerService, caller: Caller, name: str, arn: str) -> Provisioned:  # noqa: ARG002
        return Provisioned(arn, {f"{self.noun}Name": name, f"{self.noun}Arn": arn})

    def _request(self, operation: str, properties: Mapping[str, Any]) -> Request:
        shape = operation_model(operation).input_shape
        assert shape is not None, operation  # noqa: S101 - every Create and Update operation has one
        request: Request = coerced(shape, self._renamed(properties))
        return request

    def _renamed(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        return {self.renamed.get(name, name): value for name, value in properties.items()}

    def _refuse_unknown(self, properties: Mapping[str, Any]) -> None:
        """The API drops what it does not know; CloudFormation refuses it, so that nothing is left out unseen."""
        shape = operation_model(f"Create{self.noun}").input_shape
        assert shape is not None, self.noun  # noqa: S101 - every Create operation has one
        asked = {name: value for name, value in properties.items() if name not in self.update_only}
        problems = list(unknown_properties(shape, self._renamed(asked)))
        if problems:
            raise ResourceFailed(" ".join(f"{self.noun} has {problem}" for problem in problems))

    def _describe(self, service: SageMakerService, caller: Caller, name: str) -> dict[str, Any] | None:
        try:
            return service.call(f"Describe{self.noun}", self._members_of(name), caller)
        except ApiError as error:
            if error.code in _ABSENT:
                return None
            raise

    def _after_create(self, service: SageMakerService, caller: Caller, name: str, request: Request) -> None:
        """Waits until a resource works that the API has made."""

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        request = self._request(f"Update{self.noun}", {**properties, **self._members_of(name)})
        service.call(f"Update{self.noun}", request, caller)

    def _before_delete(self, service: SageMakerService, caller: Caller, name: str) -> None:
        """Brings a resource to a state in which it can be deleted."""

    def _settled(self, service: SageMakerService, caller: Caller, name: str) -> dict[str, Any]:
        """The members of a resource once its status is one that lasts."""
        found: dict[str, Any] = {}

        def settled() -> bool:
            view = self._describe(service, caller, name)
            if view is None:
                raise ResourceFailed(f"{self.noun} '{name}' was deleted while it was waited for.")
            found.update(view)
            return view[self._status_member] in self.settled

        _wait_until(settled, f"{self.noun} '{name}' to settle")
        return found


def generated_name(logical_id: str) -> str:
    """A name as CloudFormation makes it, which no other resource has: the logical id and twelve random characters."""
    alphabet = string.ascii_letters + string.digits
    return f"{logical_id[:_LOGICAL_ID_LENGTH]}-{''.join(secrets.choice(alphabet) for _ in range(_SUFFIX_LENGTH))}"


def is_generated_name(name: str, logical_id: str) -> bool:
    """Whether a name was generated for that logical id."""
    stem, _, suffix = name.rpartition("-")
    return stem == logical_id[:_LOGICAL_ID_LENGTH] and len(suffix) == _SUFFIX_LENGTH


def _change_tags(
    service: SageMakerService, caller: Caller, arn: str, old: list[dict[str, str]], new: list[dict[str, str]]
) -> None:
    removed = {tag["Key"] for tag in old} - {tag["Key"] for tag in new}
    if removed:
        service.call("DeleteTags", {"ResourceArn": arn, "TagKeys": sorted(removed)}, caller)
    if new:
        service.call("AddTags", {"ResourceArn": arn, "Tags": new}, caller)


def _wait_until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise ResourceFailed(f"Waited {WAIT_SECONDS:.0f} s for {what}.")
        time.sleep(POLL_SECONDS)
