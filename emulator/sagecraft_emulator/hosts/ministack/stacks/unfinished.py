"""Resources that a stack operation was making or changing when the emulator died.

CloudFormation cancels them before it rolls back: it tells so, and undoes each as if it had come to be. A custom
resource that had not told its id yet is deleted by one that CloudFormation makes up; its function knows what it began.

Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
"""

import copy
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

NESTED_STACK: Final = "AWS::CloudFormation::Stack"
CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
CANCELLED: Final = {"CREATE": "Resource creation cancelled", "UPDATE": "Resource update cancelled"}
_SUFFIX_LENGTH: Final = 12
_SUFFIX_ALPHABET: Final = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class InterruptedOperation:
    """What is known of a stack operation that was under way.

    Attributes:
        account: Of the stack.
        region: Of the stack.
        stack_name: Of the stack.
        resources: Definitions of its template, by logical id.
        physical_ids: Of the resources that the stack knows.
        began: Epoch seconds.
    """

    account: str
    region: str
    stack_name: str
    resources: Mapping[str, Mapping[str, Any]]
    physical_ids: frozenset[str]
    began: float


FindMade = Callable[[InterruptedOperation], Mapping[str, str]]
"""The physical ids of resources that an operation had made without its stack knowing them, by logical id."""


class UnfinishedResources:
    """Enters into stacks what an interrupted operation had begun, so that a rollback undoes it.

    Args:
        stacks: ministack's module of stack operations.
        records: Its stacks, in the present account and region by name.
        events: Theirs, by the id of a stack.
        find_made: Finds what no stack knows.
    """

    def __init__(self, stacks: Any, records: Any, events: Mapping[str, Any], find_made: FindMade) -> None:
        self._stacks = stacks
        self._records = records
        self._events = events
        self._find_made = find_made

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def enter(
        self,
        account: str,
        region: str,
        name: str,
        template: Mapping[str, Any],
        parameters: Mapping[str, Any],
        previous: Mapping[str, Any],
        began: float,
    ) -> None:
        """Enters what is unfinished into a stack, each after what it needs; of what it is to be, not what it was.

        Args:
            account: Of the stack.
            region: Of the stack; both are those of the present task.
            name: Of the stack.
            template: That the operation puts in force.
            parameters: Their values.
            previous: The resources before the operation, by logical id.
            began: Epoch seconds.
        """
        stack = self._records[name]
        present: dict[str, Any] = stack.setdefault("_resources", {})
        definitions = template.get("Resources", {})
        known = frozenset(each["PhysicalResourceId"] for each in [*previous.values(), *present.values()])
        made = self._find_made(InterruptedOperation(account, region, name, definitions, known, began))
        conditions = self._stacks._evaluate_conditions(template, parameters)
        newest = {each["LogicalResourceId"]: each for each in self._events.get(stack["StackId"], [])}
        for logical_id in self._stacks._topological_sort(definitions, conditions):
            status = newest.get(logical_id, {}).get("ResourceStatus", "")
            is_under_way = status in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
            if not is_under_way and logical_id not in made:
                continue
            verb = "UPDATE" if logical_id in previous else "CREATE"
            definition = definitions[logical_id]
            resource_type = definition.get("Type", CUSTOM[-1])
            properties = definition.get("Properties", {})
            if is_under_way:  # all that it refers to is there
                properties = self._resolved(stack, template, parameters, conditions, present, properties)
            before = previous.get(logical_id, {})
            physical_id = made.get(logical_id) or before.get("PhysicalResourceId")
            if resource_type == NESTED_STACK:
                physical_id = self._enter_nested(account, region, name, logical_id, began) or physical_id
            elif physical_id is None and resource_type.startswith(CUSTOM):
                physical_id = _made_up_id(name, logical_id)
            self._tell(stack, logical_id, resource_type, f"{verb}_FAILED", CANCELLED[verb], physical_id or "")
            if physical_id is not None:
                present[logical_id] = {
                    **before,
                    "PhysicalResourceId": physical_id,
                    "ResourceType": resource_type,
                    "ResourceStatus": f"{verb}_FAILED",
                    "LogicalResourceId": logical_id,
                    "Properties": properties,
                    "Attributes": before.get("Attributes", {}),
                    "Timestamp": self._stacks.now_iso(),
                }

    def _enter_nested(self, account: str, region: str, parent: str, logical_id: str, began: float) -> str | None:
        """Enters what is unfinished into a nested stack that is under way; its id, or None where it did not begin."""
        for name, stack in list(self._records.items()):
            is_under_way = stack["StackStatus"] in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
            if not is_under_way or not name.startswith(f"{parent}-{logical_id}-"):
                continue
            verb, present = stack["StackStatus"].partition("_")[0], stack["_resources"]
            # Its template is the new one already, and what has changed in it is entered as changed.
            self.enter(account, region, name, stack["_template"], stack["_resolved_params"], dict(present), began)
            stack["StackStatus"], stack["StackStatusReason"] = f"{verb}_FAILED", CANCELLED[verb]
            self._tell(stack, name, NESTED_STACK, stack["StackStatus"], CANCELLED[verb], stack["StackId"])
            return str(stack["StackId"])
        return None

    def _resolved(
        self,
        stack: Mapping[str, Any],
        template: Mapping[str, Any],
        parameters: Mapping[str, Any],
        conditions: Mapping[str, Any],
        present: Mapping[str, Any],
        properties: Mapping[str, Any],
    ) -> dict[str, Any]:
        stacks, mappings = self._stacks, template.get("Mappings", {})
        resolved = stacks._resolve_refs(
            copy.deepcopy(properties), present, parameters, conditions, mappings, stack["StackName"], stack["StackId"]
        )
        chosen = {name: value for name, value in resolved.items() if value is not stacks._NO_VALUE}
        values, _ = stacks._resolve_dynamic_references(chosen, None, reuse_ssm=False, reuse_secrets=False)
        return dict(values)

    def _tell(
        self, stack: Mapping[str, Any], logical_id: str, resource_type: str, status: str, reason: str, physical_id: str
    ) -> None:
        self._stacks._add_event(
            stack["StackId"], stack["StackName"], logical_id, resource_type, status, reason, physical_id
        )


def _made_up_id(stack_name: str, logical_id: str) -> str:
    suffix = "".join(secrets.choice(_SUFFIX_ALPHABET) for _ in range(_SUFFIX_LENGTH))
    return f"{stack_name}-{logical_id}-{suffix}"
