"""`AWS::Budgets::Budget`, which ministack has in its API alone.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

_NOTIFICATIONS: Final = "NotificationsWithSubscribers"
_KEPT: Final = ("BudgetName", "BudgetType")
"""What cannot be changed of a budget: another one replaces it."""


class BudgetProvisioner:
    """Makes, changes and removes budgets.

    Args:
        client: A client of Budgets for the account of the present operation.
        account: Of the present operation.
    """

    def __init__(self, client: Callable[[], Any], account: Callable[[], str]) -> None:
        self._client, self._account = client, account

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a budget; one without a name gets a random one."""
        budget = dict(properties["Budget"])
        name = budget.setdefault("BudgetName", f"{stack_name}-{logical_id}-{secrets.token_hex(6)}"[-100:])
        given = {each: properties[each] for each in (_NOTIFICATIONS, "ResourceTags") if properties.get(each)}
        self._client().create_budget(AccountId=self._account(), Budget=_of_api(budget), **_of_api(given))
        return name, {}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Changes a budget, or makes another one when its name, its type or who is told is another."""
        is_other = any(old["Budget"].get(name) != new["Budget"].get(name) for name in _KEPT)
        if is_other or old.get(_NOTIFICATIONS) != new.get(_NOTIFICATIONS):
            return self.create(logical_id, new, stack_name)
        budget = {**new["Budget"], "BudgetName": physical_id}
        self._client().update_budget(AccountId=self._account(), NewBudget=_of_api(budget))
        return physical_id, {}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes a budget. One that is gone already is no error."""
        del properties
        client = self._client()
        with suppress(client.exceptions.NotFoundException):
            client.delete_budget(AccountId=self._account(), BudgetName=physical_id)


def _of_api(value: Any) -> Any:
    """A part of a template as the API takes it: numbers of templates may be texts, and amounts are texts in the API."""
    match value:
        case Mapping():
            return {name: _member(name, each) for name, each in value.items()}
        case list():
            return [_of_api(each) for each in value]
        case _:
            return value


def _member(name: str, value: Any) -> Any:
    match name:
        case "Amount":
            return str(value)
        case "Threshold":
            return float(value)
        case _:
            return _of_api(value)
