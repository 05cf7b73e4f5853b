"""Types of IAM in templates: ministack does not read their policies, nor ask whether what they attach is there."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sagecraft_emulator.authorization.managed_policies import is_managed_by_aws
from sagecraft_emulator.authorization.policy_document import identity_policy_error

MANAGED_POLICY: Final = "AWS::IAM::ManagedPolicy"
IDENTITIES: Final = ("AWS::IAM::Role", "AWS::IAM::User", MANAGED_POLICY)
_Made = tuple[str, dict[str, Any]]


def checked(resource_type: str, own: Mapping[str, Any], is_there: Callable[[str], bool]) -> dict[str, Any]:
    """Ministack's handlers of a type of IAM, which refuse what IAM refuses before anything is made.

    Args:
        resource_type: One of `IDENTITIES`.
        own: ministack's handlers of the type.
        is_there: Whether it has a policy of that ARN.
    """

    def check(properties: Mapping[str, Any]) -> None:
        for wrong in _faults(resource_type, properties, is_there):
            raise ValueError(wrong)

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> _Made:
        check(properties)
        made: _Made = own["create"](logical_id, properties, stack_name)
        return made

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *where: str) -> _Made:
        check(new)
        made: _Made = own["update"](physical_id, old, new, *where)
        return made

    return {**own, "create": create, "update": update}


def _faults(resource_type: str, properties: Mapping[str, Any], is_there: Callable[[str], bool]) -> Iterable[str]:
    documents = [each.get("PolicyDocument", {}) for each in properties.get("Policies", [])]
    if resource_type == MANAGED_POLICY:
        documents.append(properties.get("PolicyDocument", {}))
    for document in documents:
        wrong = identity_policy_error(document, managed=resource_type == MANAGED_POLICY)
        if wrong is not None:
            yield wrong
    for arn in properties.get("ManagedPolicyArns", []):
        if not is_there(arn) and not is_managed_by_aws(arn):
            yield f"Policy {arn} does not exist or is not attachable."
