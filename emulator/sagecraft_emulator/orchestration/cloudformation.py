"""How CloudFormation drives the API, whichever host runs CloudFormation.

A property whose change needs another resource, and the attributes of each type, are those of AWS's resource schemas.
`Ref` of every type is the ARN.
"""

import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.api.service_model import operation_model
from sagecraft_emulator.errors import ApiError, EmulatorError

from .template_values import coerced, unknown_properties, value_at

WAIT_SECONDS: Final = 3600.0
POLL_SECONDS: Final = 0.1
_SUFFIX_LENGTH: Final = 12
_LOGICAL_ID_LENGTH: Final = 48
_SETTLED: Final = frozenset({"InService", "Failed", "Stopped", "UpdateRollbackFailed"})

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
    """

    noun: str
    create_only: frozenset[str]
    update_only: frozenset[str] = frozenset()

    def create(
        self, service: SageMakerService, caller: Caller, logical_id: str, properties: Mapping[str, Any]
    ) -> Provisioned:
        """Makes a resource, and waits until it works. What fails on the way is removed again.

        Raises:
            ResourceFailed: It did not come to work; with its reason.
            ApiError: The API refuses the properties.
        """
        name = properties.get(self._name_property) or generated_name(logical_id)
        self._refuse_unknown(properties)
        request = self._request(f"Create{self.noun}", {**properties, self._name_property: name})
        arn = service.call(f"Create{self.noun}", request, caller)[f"{self.noun}Arn"]
        try:
            self._after_create(service, caller, name, request)
        except Exception:  # whatever it is: no stack would know the resource
            self.delete(service, caller, arn)
            raise
        return self._provisioned(arn, name)

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
            if new.get(self._name_property) and self._name_property not in changed:
                raise ResourceFailed(
                    f"{self.noun} '{new[self._name_property]}' has a name of its own, and a change of "
                    f"{', '.join(replacing)} needs another resource, which cannot have the same name. Change "
                    f"{self._name_property} too, or leave it out."
                )
            return self.create(service, caller, logical_id, new)
        name = _name(physical_id)
        if changed and self._describe(service, caller, name) is None:
            raise ResourceFailed(
                f"{self.noun} '{name}' is not there: it was deleted, and not by this stack. Have the stack make "
                "another: deploy once without it, or give it another construct id (in a template, a logical id)."
            )
        if changed - {"Tags"}:
            self._change(service, caller, name, new)
        if "Tags" in changed:
            _change_tags(service, caller, physical_id, old.get("Tags", []), new.get("Tags", []))
        return self._provisioned(physical_id, name)

    def delete(self, service: SageMakerService, caller: Caller, physical_id: str) -> None:
        """Removes a resource, and waits until it is gone. One that is gone already is no error."""
        name = _name(physical_id)
        if self._describe(service, caller, name) is None:
            return
        self._before_delete(service, caller, name)
        self._delete(service, caller, name)
        _wait_until(lambda: self._describe(service, caller, name) is None, f"{self.noun} '{name}' to be deleted")

    def _delete(self, service: SageMakerService, caller: Caller, name: str) -> None:
        """Begins to remove a resource."""
        service.call(f"Delete{self.noun}", {f"{self.noun}Name": name}, caller)

    @property
    def _name_property(self) -> str:
        return f"{self.noun}Name"

    def _provisioned(self, arn: str, name: str) -> Provisioned:
        return Provisioned(arn, {f"{self.noun}Name": name, f"{self.noun}Arn": arn})

    def _request(self, operation: str, properties: Mapping[str, Any]) -> Request:
        shape = operation_model(operation).input_shape
        assert shape is not None, operation  # noqa: S101 - every Create and Update operation has one
        request: Request = coerced(shape, properties)
        return request

    def _refuse_unknown(self, properties: Mapping[str, Any]) -> None:
        """The API drops what it does not know; CloudFormation refuses it, so that nothing is left out unseen."""
        shape = operation_model(f"Create{self.noun}").input_shape
        assert shape is not None, self.noun  # noqa: S101 - every Create operation has one
        asked = {name: value for name, value in properties.items() if name not in self.update_only}
        problems = list(unknown_properties(shape, asked))
        if problems:
            raise ResourceFailed(" ".join(f"{self.noun} has {problem}" for problem in problems))

    def _describe(self, service: SageMakerService, caller: Caller, name: str) -> dict[str, Any] | None:
        try:
            return service.call(f"Describe{self.noun}", {f"{self.noun}Name": name}, caller)
        except ApiError as error:
            if error.code == "ValidationException":
                return None
            raise

    def _after_create(self, service: SageMakerService, caller: Caller, name: str, request: Request) -> None:
        """Waits until a resource works that the API has made."""

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        request = self._request(f"Update{self.noun}", {**properties, self._name_property: name})
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
            return view[f"{self.noun}Status"] in _SETTLED

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


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


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
