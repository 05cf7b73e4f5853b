"""What roles may do, what they called, and what they never used."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .calls import CONDITION_KEYS, OTHERS, RoleCall, RoleCalls
from .demanded_permissions import demanded_reason

_OF_THE_CDK: Final = re.compile(r"/(?:Custom::|framework-|waiter-state-machine|LogRetention)")
_CDK_REASON: Final = "the CDK's own construct declares this role, and not the app"


@dataclass(frozen=True)
class Grant:
    """An action that a role may do.

    Attributes:
        action: As the policy writes it, `*` included.
        resources: What it may be done to.
        condition: Of the statement, as the policy writes it; None without one.
        policy: The policy's name or ARN.
        used: How many calls it has allowed.
        reason: Why it is right that nothing used it; None where it was used, or is to be taken away.
    """

    action: str
    resources: tuple[str, ...]
    condition: Mapping[str, Any] | None
    policy: str
    used: int
    reason: str | None

    @property
    def is_unused(self) -> bool:
        """Whether nothing used it, and no documentation demands it."""
        return self.used == 0 and self.reason is None


@dataclass(frozen=True)
class RoleReport:
    """One role.

    Attributes:
        arn: Its ARN.
        construct: The path of the construct that declares it, if one does.
        grants: What it may do.
        calls: What it called.
    """

    arn: str
    construct: str | None
    grants: tuple[Grant, ...]
    calls: tuple[RoleCall, ...]


class RoleReports:
    """Makes reports of the roles that the host knows.

    Args:
        evaluator: ministack's module.
        roles: ministack's roles.
        calls: What they called.
        demanded: The reasons that nouns give for what the functions that deploy them may do, by action.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def __init__(self, evaluator: Any, roles: Any, calls: RoleCalls, demanded: Mapping[str, str]) -> None:
        self._evaluator, self._roles, self._calls, self._demanded = evaluator, roles, calls, demanded

    def of(self, role_arn: str, construct: str | None) -> RoleReport:
        """The report of a role.

        Args:
            role_arn: The role, which is there.
            construct: The path of the construct that declares it, if one does.
        """
        account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        role = self._roles.get_scoped(account, None, name)
        trust = role.get("AssumeRolePolicyDocument") or ""
        is_function = "lambda.amazonaws.com" in (trust if isinstance(trust, str) else json.dumps(trust))
        of_cdk = construct is not None and _OF_THE_CDK.search(construct) is not None
        calls = self._calls.of(role_arn)
        grants = []
        for policy, statement in self._statements(role, account):
            for action in statement.actions:
                used = sum(each.count for each in calls if self._allows(statement, action, each))
                reason = None
                if used == 0:
                    reason = _CDK_REASON if of_cdk else self._demanded_reason(action, is_function=is_function)
                resources = tuple(statement.resources) or ("*",)
                grants.append(Grant(action, resources, statement.conditions or None, policy, used, reason))
        return RoleReport(role_arn, construct, tuple(grants), tuple(calls))

    def _demanded_reason(self, action: str, *, is_function: bool) -> str | None:
        return demanded_reason(action, self._demanded, is_function=is_function)

    def _statements(self, role: Mapping[str, Any], account: str) -> Iterator[tuple[str, Any]]:
        documents = list((role.get("InlinePolicies") or {}).items())
        documents += [
            (arn, self._evaluator._resolve_managed_policy_document(arn, account))
            for arn in role.get("AttachedPolicies", [])
        ]
        for name, document in documents:
            for statement in self._evaluator.parse_policy_document(document) if document else []:
                if statement.effect == "Allow":
                    yield name, statement

    def _allows(self, statement: Any, action: str, call: RoleCall) -> bool:
        if not call.allowed or not self._evaluator._action_matches(call.action, [action], []):
            return False
        if call.resource == OTHERS:
            return True
        if not self._evaluator._resource_matches(call.resource, statement.resources, statement.not_resources):
            return False
        keys = {key.lower() for block in statement.conditions.values() for key in block}
        # A condition on anything else was met by one of the calls, and is not known of which.
        return not keys or not keys.issubset(CONDITION_KEYS) or self._meets(statement.conditions, call)

    def _meets(self, conditions: Mapping[str, Any], call: RoleCall) -> bool:
        context = self._evaluator.EvalContext(
            principal_arn="",
            principal_type="AssumedRole",
            principal_account="",
            action=call.action,
            resource_arn=call.resource,
            region="",
            service_context=dict(call.context),
        )
        return bool(self._evaluator._conditions_met(conditions, context))
