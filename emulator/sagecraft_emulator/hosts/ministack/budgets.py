"""ministack's Budgets, which keeps budgets: with what is spent of them, and with actions.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CalculatedSpend.html
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.json_protocol import answered
from sagecraft_emulator.api.service_model import operation_model, parse_request
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.role_session import RoleCredentials
from sagecraft_emulator.billing.budgets.budget import Budget, Spend, filter_of
from sagecraft_emulator.billing.budgets.service import SIGNING_NAME, Budgets, HostBudget, own_account
from sagecraft_emulator.errors import ApiError

from .permissions.lookup import HostLookup
from .service import ServiceAnswer, ServiceHandler
from .sessions import HostSessions

_OK: Final = 200
_PRINCIPAL: Final = "budgets.amazonaws.com"
_DESCRIBES: Final = ("DescribeBudget", "DescribeBudgets")
_FILTERED: Final = {"CreateBudget": "Budget", "UpdateBudget": "NewBudget"}


# ruff: noqa: SLF001 - ministack has no public way to any of this
class KeptBudgets:
    """The budgets that ministack keeps.

    Args:
        module: ministack's own; it is loaded by that.
        touched: Says that the state changed.
    """

    def __init__(self, module: Callable[[], Any], touched: Callable[[], None]) -> None:
        self._module, self.changed = module, touched

    def all(self) -> list[HostBudget]:
        """Those of all accounts."""
        module = self._module()
        kept = dict(module._notification_store._data)
        return [
            HostBudget(
                Budget(account, members),
                [(each["notification"], each["subscribers"]) for each in kept.get((account, name), [])],
            )
            for (account, name), members in list(module._budgets._data.items())
        ]


@dataclass(frozen=True)
class ActionSessions:
    """The sessions in which Budgets does what an action says.

    Attributes:
        lookup: Knows whom roles trust.
        sessions: Begins them.
        enforced: Whether permissions are; else they are not needed.
    """

    lookup: HostLookup
    sessions: HostSessions
    enforced: bool

    def clients(self, clients: Clients, role_arn: str, account: str, work: str) -> Clients:
        """The clients of a role that trusts Budgets.

        Raises:
            RoleError: It is not there, or does not.
        """
        self.lookup.check_trust(role_arn, account, _PRINCIPAL)
        return clients.as_role(self, role_arn, account, work)

    def credentials(self, role_arn: str, account: str, work: str) -> RoleCredentials:
        """As `RoleSessions` says."""
        del account  # the role's own
        return self.sessions.begin(role_arn, "budgets", work)

    def end(self, work: str) -> None:
        """As `RoleSessions` says."""
        self.sessions.end(work)

    def denied(self, work: str) -> None:
        """As `RoleSessions` says: what was refused stands in the error."""
        del work


def with_spend(
    own: ServiceHandler,
    operations: Callable[[], Mapping[str, Any]],
    budgets: Budgets,
    whose: Callable[[], tuple[str, str]],
) -> ServiceHandler:
    """Budgets of ministack's, in whose answers stands what is spent; operations that it has not are those of actions.

    Args:
        own: ministack's own.
        operations: Those that it does.
        budgets: Knows what is spent, and does what is asked of actions.
        whose: The account and region of the present request.
    """

    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        name, caller = headers.get("x-amz-target", "").rpartition(".")[2], Caller(*whose())
        if name not in operations():
            response = await asyncio.to_thread(budgets.service.handle, headers, body, caller)
            return response.status, response.headers, response.body
        checked = answered("", {**headers, "x-amz-target": name}, body, partial(_check, caller))
        if checked.status != _OK:
            return checked.status, checked.headers, checked.body
        status, told, content = await own(method, path, headers, body, query)
        if status != _OK:
            return status, told, content
        if name == "DeleteBudget":
            await asyncio.to_thread(budgets.remove_actions, caller.account, json.loads(body)["BudgetName"])
        if name in _DESCRIBES:
            members = await asyncio.to_thread(_with_spend, json.loads(content), budgets, caller.account)
            content = json.dumps(members).encode()
        return status, told, content

    return answer


def _check(caller: Caller, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses what AWS's model does, what is another account's, and what cannot be counted, before it is kept."""
    asked = parse_request(operation_model(operation, SIGNING_NAME), request)
    if "AccountId" in asked:
        own_account(caller, asked)
    if operation in _FILTERED:
        try:
            filter_of(asked[_FILTERED[operation]])
        except (AttributeError, TypeError, ValueError):
            raise ApiError("InvalidParameterException", "The filter of the budget is none.") from None
    return {}


def _with_spend(answer: dict[str, Any], budgets: Budgets, account: str) -> dict[str, Any]:
    members = [answer["Budget"]] if "Budget" in answer else answer["Budgets"]
    spends = budgets.spends([Budget(account, each) for each in members])
    for each in members:
        spend = spends.get((account, each["BudgetName"]))
        if spend is not None:
            each["CalculatedSpend"] = _calculated(spend)
    return answer


def _calculated(spend: Spend) -> dict[str, Any]:
    told = {"ActualSpend": spend.actual, "ForecastedSpend": spend.forecast}
    return {name: {"Amount": f"{amount:.3f}", "Unit": "USD"} for name, amount in told.items()}
