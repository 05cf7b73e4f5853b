"""`AWS::Budgets::BudgetsAction`, by the API of Budgets.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budgetsaction.html
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

_KEPT: Final = ("ActionType", "BudgetName", "ResourceTags")
"""What cannot be changed of an action: another one replaces it. Of tags that is so here alone."""
_CHANGED: Final = ("ApprovalModel", "ExecutionRoleArn", "NotificationType")


class BudgetsActionProvisioner:
    """Makes, changes and removes actions of budgets.

    Args:
        client: A client of Budgets for the account of the present operation.
        account: Of the present operation.
    """

    def __init__(self, client: Callable[[], Any], account: Callable[[], str]) -> None:
        self._client, self._account = client, account

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes an action; its id and the name of its budget are what the stack knows it by."""
        del logical_id, stack_name
        budget = properties["BudgetName"]
        tags = {"ResourceTags": properties["ResourceTags"]} if properties.get("ResourceTags") else {}
        made = self._client().create_budget_action(
            AccountId=self._account(),
            BudgetName=budget,
            ActionType=properties["ActionType"],
            **{"ApprovalModel": "MANUAL", **_changeable(properties)},
            **tags,
        )
        return f"{made['ActionId']}|{budget}", {"ActionId": made["ActionId"]}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Changes an action, or makes another one."""
        if any(old.get(name) != new.get(name) for name in _KEPT):
            return self.create(logical_id, new, stack_name)
        action, _, budget = physical_id.partition("|")
        self._client().update_budget_action(
            AccountId=self._account(), BudgetName=budget, ActionId=action, **_changeable(new)
        )
        return physical_id, {"ActionId": action}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes an action. One that is gone already, with its budget for one, is no error."""
        del properties
        client = self._client()
        action, _, budget = physical_id.partition("|")
        with suppress(client.exceptions.NotFoundException):
            client.delete_budget_action(AccountId=self._account(), BudgetName=budget, ActionId=action)


def _changeable(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What the API changes of an action, as it calls it."""
    threshold, definition = properties["ActionThreshold"], dict(properties["Definition"])
    if (documents := definition.get("SsmActionDefinition")) is not None:
        others = {name: value for name, value in documents.items() if name != "Subtype"}
        definition["SsmActionDefinition"] = {"ActionSubType": documents["Subtype"], **others}
    return {
        **{name: properties[name] for name in _CHANGED if name in properties},
        "ActionThreshold": {
            "ActionThresholdValue": float(threshold["Value"]),
            "ActionThresholdType": threshold["Type"],
        },
        "Definition": definition,
        "Subscribers": [
            {"SubscriptionType": each["Type"], "Address": each["Address"]} for each in properties["Subscribers"]
        ],
    }
