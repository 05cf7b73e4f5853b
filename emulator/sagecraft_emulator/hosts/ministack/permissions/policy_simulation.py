"""`iam:SimulatePrincipalPolicy`: what the policies of a user or role say of actions, before anything is called.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

_PRINCIPAL: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?:.*/)?(?P<name>[^/]+)")
_DECISIONS: Final = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


class PolicySimulation:
    """Answers simulations in the place of ministack, which knows one resource, no context, and no boundary.

    Args:
        evaluator: ministack's module.
        iam: ministack's module.
    """

    def __init__(self, evaluator: Any, iam: Any) -> None:
        self._evaluator, self._iam = evaluator, iam

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def answer(self, parameters: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """The answer of one request, whose parameters are those of the Query protocol."""
        source = self._one(parameters, "PolicySourceArn") or ""
        match = _PRINCIPAL.fullmatch(source)
        if match is None:
            message = f"Invalid Entity Arn: {source}"
            return self._error(400, "InvalidInput", message)
        store = self._iam._roles if match["kind"] == "role" else self._iam._users
        if store.get_scoped(match["account"], None, match["name"]) is None:
            return self._error(404, "NoSuchEntity", f"The {match['kind']} with name {match['name']} cannot be found.")
        gather = (
            self._evaluator._gather_role_policies if match["kind"] == "role" else self._evaluator._gather_user_policies
        )
        policies = gather(match["name"], match["account"])
        limits = self._evaluator._permissions_boundary(store, match["name"], match["account"])
        context = dict(self._context(parameters))
        members = []
        for action in self._many(parameters, "ActionNames.member."):
            for resource in list(self._many(parameters, "ResourceArns.member.")) or ["*"]:
                decided = self._evaluator.evaluate(
                    self._evaluator.EvalContext(
                        principal_arn=source,
                        principal_type=match["kind"].capitalize(),
                        principal_account=match["account"],
                        action=action,
                        resource_arn=resource,
                        region=self._iam.get_region(),
                        service_context=context,
                    ),
                    policies,
                    *limits,
                )
                members.append(
                    f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(resource)}"
                    f"</EvalResourceName><EvalDecision>{_DECISIONS[decided.decision]}</EvalDecision>"
                    "<MatchedStatements/><MissingContextValues/></member>"
                )
        answer: tuple[int, dict[str, str], bytes] = self._iam._xml(
            200,
            "SimulatePrincipalPolicyResponse",
            f"<SimulatePrincipalPolicyResult><EvaluationResults>{''.join(members)}</EvaluationResults>"
            "<IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>",
            ns="iam",
        )
        return answer

    def _context(self, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        number = 1
        while name := self._one(parameters, f"ContextEntries.member.{number}.ContextKeyName"):
            values = list(self._many(parameters, f"ContextEntries.member.{number}.ContextKeyValues.member."))
            yield name.lower(), values[0] if len(values) == 1 else values
            number += 1

    def _many(self, parameters: Mapping[str, Any], prefix: str) -> Iterator[str]:
        number = 1
        while value := self._one(parameters, f"{prefix}{number}"):
            yield value
            number += 1

    def _one(self, parameters: Mapping[str, Any], name: str) -> str | None:
        value = self._iam._p(parameters, name)
        return str(value) if value else None

    def _error(self, status: int, code: str, message: str) -> tuple[int, dict[str, str], bytes]:
        answer: tuple[int, dict[str, str], bytes] = self._iam._error(status, code, message, ns="iam")
        return answer
