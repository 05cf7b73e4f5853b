"""Budgets' actions, and what the budgets of a host do by the meter.

The host keeps budgets, notifications and subscribers. What comes of them is decided here: every minute, where AWS does
it a few times a day.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any, Final, Protocol

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.json_service import JsonService
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.errors import ApiError, EmulatorError, RecordMissing
from sagecraft_emulator.metering.meter import Meter
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .action import KIND, check, execute, reverse
from .budget import Budget, Spend
from .telling import acted, exceeded, tell

logger = logging.getLogger(__name__)

SIGNING_NAME: Final = "budgets"
_NO_REGION: Final = "aws-global"
_PERIOD, _HISTORY = "_Period", "_History"
_UPDATABLE: Final = (
    "NotificationType",
    "ActionThreshold",
    "Definition",
    "ExecutionRoleArn",
    "ApprovalModel",
    "Subscribers",
)
_FROM: Final = {
    "APPROVE_BUDGET_ACTION": {"PENDING"},
    "RETRY_BUDGET_ACTION": {"EXECUTION_FAILURE"},
    "REVERSE_BUDGET_ACTION": {"EXECUTION_SUCCESS", "REVERSE_FAILURE"},
    "RESET_BUDGET_ACTION": {"EXECUTION_SUCCESS", "EXECUTION_FAILURE", "REVERSE_SUCCESS", "REVERSE_FAILURE"},
}
"""In which statuses somebody may ask for what.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ExecuteBudgetAction.html
"""
_AT_REST: Final = _FROM["RESET_BUDGET_ACTION"]

Request = Mapping[str, Any]


@dataclass(frozen=True)
class HostBudget:
    """A budget that a host keeps.

    Attributes:
        budget: It.
        notifications: Each with those who are told; a notification's `NotificationState` may be changed.
    """

    budget: Budget
    notifications: Sequence[tuple[dict[str, Any], Sequence[Mapping[str, str]]]]


class HostBudgets(Protocol):
    """The budgets of a host."""

    def all(self) -> Sequence[HostBudget]:
        """Those of all accounts."""

    def changed(self) -> None:
        """Is told that a notification has another state."""


class Budgets:
    """Evaluates the budgets of a host, and does what their actions say.

    Args:
        meter: Knows what is spent.
        store: Where actions are kept.
        host: Keeps the budgets.
        clients: To where topics are.
        as_role: The clients of a role, by its ARN, the account, and what it is used for.
    """

    def __init__(
        self,
        meter: Meter,
        store: Store,
        host: HostBudgets,
        clients: Clients,
        as_role: Callable[[str, str, str], Clients],
    ) -> None:
        self._meter, self._store, self._host = meter, store, host
        self._clients, self._as_role = clients, as_role
        self._acting = RLock()
        self.service = JsonService(
            SIGNING_NAME,
            {
                "CreateBudgetAction": self._create,
                "DescribeBudgetAction": self._describe,
                "DescribeBudgetActionsForAccount": self._describe_all,
                "DescribeBudgetActionsForBudget": self._describe_all,
                "DescribeBudgetActionHistories": self._histories,
                "UpdateBudgetAction": self._update,
                "DeleteBudgetAction": self._delete,
                "ExecuteBudgetAction": self._execute,
            },
        )

    def look(self) -> None:
        """Tells whom budgets are to tell, and does what they are to do."""
        with self._acting:
            counted = [each for each in self._host.all() if each.budget.is_counted]
            spends = self.spends([each.budget for each in counted])
            for each in counted:
                spend = spends.get((each.budget.account, each.budget.name))
                if spend is not None:
                    self._notify(each, spend)
                    self._act(each.budget, spend)

    def spends(self, budgets: Iterable[Budget]) -> dict[tuple[str, str], Spend]:
        """What is spent of budgets, by account and name; of those that have a period now."""
        now, counted = self._meter.now(), [each for each in budgets if each.is_counted]
        periods = [period for each in counted if (period := each.period(now)) is not None]
        if not periods:
            return {}
        lines = self._meter.lines(begin=min(begin for begin, _ in periods))
        spends = {(each.account, each.name): each.spend(lines, now) for each in counted}
        return {name: spend for name, spend in spends.items() if spend is not None}

    def remove_actions(self, account: str, budget_name: str) -> None:
        """Removes the actions of a budget that is gone."""
        for record in self._actions(account, budget_name):
            self._store.delete(record.key)

    def _notify(self, each: HostBudget, spend: Spend) -> None:
        for notification, subscribers in each.notifications:
            kind = notification.get("ThresholdType", "PERCENTAGE")
            is_over = spend.passes(
                notification["NotificationType"],
                notification["Threshold"],
                kind,
                notification["ComparisonOperator"],
            )
            state = "ALARM" if is_over else "OK"
            if notification.get("NotificationState", "OK") == state:
                continue
            notification["NotificationState"] = state
            self._host.changed()
            if is_over:
                told = exceeded(each.budget, notification, spend, self._meter.now())
                tell(self._clients, each.budget, subscribers, *told)

    def _act(self, budget: Budget, spend: Spend) -> None:
        for record in self._actions(budget.account, budget.name):
            action = record
            if action.body.get(_PERIOD, spend.begin) != spend.begin and action.status in {*_AT_REST, "PENDING"}:
                action = self._move(action, "STANDBY", "SYSTEM", "A new period of the budget has begun.")
            threshold = action.body["ActionThreshold"]
            is_over = spend.passes(
                action.body["NotificationType"],
                threshold["ActionThresholdValue"],
                threshold["ActionThresholdType"],
                "GREATER_THAN",
            )
            # One that is in progress was left so by a kill.
            if action.status == "EXECUTION_IN_PROGRESS" or (is_over and action.status == "STANDBY"):
                self._store.update(action.key, body={_PERIOD: spend.begin})
                if action.body["ApprovalModel"] == "MANUAL" and action.status == "STANDBY":
                    action = self._move(action, "PENDING", "SYSTEM", "It waits for an approval.")
                else:
                    action = self._do(action, "SYSTEM")
                why = action.body[_HISTORY][-1]["ActionHistoryDetails"]["Message"]
                told = acted(budget, action.body, str(action.status), why, spend, self._meter.now())
                tell(self._clients, budget, action.body["Subscribers"], *told)

    def _do(self, action: Record, event: str, *, back: bool = False) -> Record:
        """Does what an action says, or takes it back."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - no emulator needs it to start

        verb, does = ("REVERSE", reverse) if back else ("EXECUTION", execute)
        action = self._move(action, f"{verb}_IN_PROGRESS", event, "")
        account, role = action.key.account, action.body["ExecutionRoleArn"]
        try:
            does(action.body, self._as_role(role, account, f"budget-action-{action.key.name}"), account)
        except (ClientError, BotoCoreError, EmulatorError) as error:
            return self._move(action, f"{verb}_FAILURE", event, str(error))
        except Exception as error:
            logger.exception("The action %s of a budget failed in the emulator", action.key.name)
            return self._move(action, f"{verb}_FAILURE", event, f"{error}. The emulator's log has the traceback.")
        return self._move(action, f"{verb}_SUCCESS", event, "")

    def _move(self, action: Record, status: str, event: str, message: str) -> Record:
        """Takes an action to a status, and says so in its history."""
        history = self._history(self._store.get(action.key).body, status, event, message)
        return self._store.update(action.key, status=status, body={_HISTORY: history})

    def _history(self, body: Mapping[str, Any], status: str, event: str, message: str) -> list[dict[str, Any]]:
        """That of an action, and what has become of it now."""
        shown = {name: value for name, value in body.items() if not name.startswith("_")}
        entry = {
            "Timestamp": self._meter.now(),
            "Status": status,
            "EventType": event,
            "ActionHistoryDetails": {"Message": message, "Action": {**shown, "Status": status}},
        }
        return [*body.get(_HISTORY, []), entry]

    def _create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        account, name = own_account(caller, request), request["BudgetName"]
        if not any((each.budget.account, each.budget.name) == (account, name) for each in self._host.all()):
            raise _missing(f"Unable to create action - budget: {name} doesn't exist.")
        members: dict[str, Any] = {"BudgetName": name, "ActionType": request["ActionType"]}
        members |= {member: request[member] for member in _UPDATABLE}
        check(members)
        action_id = str(uuid.uuid4())
        body = {**members, "ActionId": action_id}
        body[_HISTORY] = self._history(body, "STANDBY", "CREATE_ACTION", "")
        tags = {each["Key"]: each["Value"] for each in request.get("ResourceTags", [])}
        self._store.create(
            _key(account, action_id), arn=_arn(account, name, action_id), status="STANDBY", body=body, tags=tags
        )
        return {"AccountId": account, "BudgetName": name, "ActionId": action_id}

    def _describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        action = self._action(caller, request)
        return {"AccountId": action.key.account, "BudgetName": request["BudgetName"], "Action": _shown(action)}

    def _describe_all(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        found = self._actions(own_account(caller, request), request.get("BudgetName"))
        return page(found, request, "Actions", lambda each: (each.created, each.key.name), _shown)

    def _histories(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        period = request.get("TimePeriod", {})
        entries = [
            (number, each)
            for number, each in enumerate(self._action(caller, request).body[_HISTORY])
            if period.get("Start", 0) <= each["Timestamp"] <= period.get("End", each["Timestamp"])
        ]
        return page(entries, request, "ActionHistories", lambda each: (each[0],), lambda each: each[1])

    def _update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        with self._acting:
            action = self._action(caller, request)
            changes: dict[str, Any] = {member: request[member] for member in _UPDATABLE if member in request}
            check({**action.body, **changes})
            if action.status not in {*_AT_REST, "STANDBY", "PENDING"}:
                raise _locked(action)
            history = self._history({**action.body, **changes}, str(action.status), "UPDATE_ACTION", "")
            changed = self._store.update(action.key, body={**changes, _HISTORY: history})
        return {
            "AccountId": action.key.account,
            "BudgetName": request["BudgetName"],
            "OldAction": _shown(action),
            "NewAction": _shown(changed),
        }

    def _delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        with self._acting:
            action = self._action(caller, request)
            self._store.delete(action.key)
        return {"AccountId": action.key.account, "BudgetName": request["BudgetName"], "Action": _shown(action)}

    def _execute(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        asked = request["ExecutionType"]
        with self._acting:
            action = self._action(caller, request)
            if action.status not in _FROM[asked]:
                raise _locked(action)
            if asked == "RESET_BUDGET_ACTION":
                self._move(action, "STANDBY", "EXECUTE_ACTION", "")
            else:
                self._do(action, "EXECUTE_ACTION", back=asked == "REVERSE_BUDGET_ACTION")
        told = ("BudgetName", "ActionId", "ExecutionType")
        return {"AccountId": action.key.account, **{member: request[member] for member in told}}

    def _action(self, caller: Caller, request: Request) -> Record:
        account, name, action_id = own_account(caller, request), request["BudgetName"], request["ActionId"]
        try:
            record = self._store.get(_key(account, action_id))
        except RecordMissing:
            record = None
        if record is None or record.body["BudgetName"] != name:
            raise _missing(f"Unable to get action: {action_id} of budget: {name} - the action doesn't exist.")
        return record

    def _actions(self, account: str, budget_name: str | None) -> list[Record]:
        found = self._store.find(KIND, account)
        return [each for each in found if budget_name in {None, each.body["BudgetName"]}]


def _key(account: str, action_id: str) -> RecordKey:
    return RecordKey(KIND, account, _NO_REGION, action_id)


def _arn(account: str, budget_name: str, action_id: str) -> str:
    return f"arn:aws:budgets::{account}:budget/{budget_name}/action/{action_id}"


def _shown(action: Record) -> dict[str, Any]:
    return {**action.body, "Status": action.status}


def own_account(caller: Caller, request: Request) -> str:
    """The account that a request is about.

    Raises:
        ApiError: It is not the caller's.
    """
    account: str = request["AccountId"]
    if account != caller.account:
        raise ApiError("AccessDeniedException", f"Account {caller.account} has no access to budgets of {account}.")
    return account


def _missing(message: str) -> ApiError:
    return ApiError("NotFoundException", message)


def _locked(action: Record) -> ApiError:
    return ApiError(
        "ResourceLockedException", f"The action {action.key.name} is {action.status}: it cannot be changed so."
    )
