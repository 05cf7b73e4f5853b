"""IAM as AWS has it: documents are read when they are put, what is attached is there, and what is in use stays.

ministack reads few documents, attaches whatever it is told to, and has words of its own. Sources:
https://github.com/localstack/localstack, `tests/aws/services/iam/`, recorded on AWS; of what cannot be deleted, also
https://github.com/hashicorp/terraform-provider-aws/issues/18534 and https://github.com/hashicorp/terraform/issues/29147.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from xml.sax.saxutils import escape

from sagecraft_emulator.authorization.managed_policies import is_managed_by_aws
from sagecraft_emulator.authorization.policy_document import identity_policy_error, trust_policy_error

from .identity_limits import limit_error

_ARN: Final = re.compile(r"arn:aws[a-z-]*:[^:]+:[^:]*:[^:]*:.+")
_IDENTITY: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?:.*/)?(?P<name>[^/]+)")
_OF_SERVICE: Final = ":role/aws-service-role/"
"""AWS makes these when a service needs them."""
_WORDS: Final = (
    (r"Role (\S+) not found\.", r"The role with name \1 cannot be found."),
    (r"Instance profile (\S+) not found\.", r"Instance Profile \1 cannot be found."),
    (r"Policy (arn:\S+) (?:not found|is not attached to .*)\.", r"Policy \1 was not found."),
    (r"A policy called (\S+) already exists\.", r"A policy called \1 already exists. Duplicate names are not allowed."),
    (
        r"(A managed policy can have) at most (5 versions\.)",
        r"\1 up to \2 Before you create a new version, you must delete an existing version.",
    ),
    (
        r"Cannot delete entity, must delete all inline policies first\.",
        "Cannot delete entity, must delete policies first.",
    ),
    (
        r"Cannot delete entity, must remove (?:role from all instance profiles|all roles) first\.",
        "Cannot delete entity, must remove roles from instance profile first.",
    ),
)
_TEXTS: Final = tuple((re.compile(own), of_aws) for own, of_aws in _WORDS)

Parameters = Mapping[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[Parameters], Answer]
# ruff: noqa: SLF001 - ministack has no public way to any of this


def mend_identities(iam: Any, evaluator: Any) -> None:
    """Has ministack's IAM, and its CloudFormation, check and say what AWS does. Call it once.

    Args:
        iam: ministack's module.
        evaluator: ministack's module.
    """
    evaluator.validate_policy_document = identity_policy_error
    iam._trust_policy_not_principal_error = partial(trust_policy_error, is_absent=partial(_is_absent, iam))
    own_error = iam._error
    iam._error = lambda status, code, message, ns="iam": own_error(status, code, escape(_in_words_of_aws(message)), ns)
    identities = _Identities(iam)
    handlers: dict[str, Handler] = iam._IAM_HANDLERS
    handlers["SetDefaultPolicyVersion"] = identities.set_default_version
    for action, check in identities.checks.items():
        handlers[action] = partial(_checked, handlers[action], check)
    for action, handler in list(handlers.items()):
        handlers[action] = partial(_checked, handler, identities.within_limits)


def _checked(own: Handler, check: Callable[[Parameters], Answer | None], parameters: Parameters) -> Answer:
    refused = check(parameters)
    return own(parameters) if refused is None else refused


def _in_words_of_aws(message: str) -> str:
    for own, of_aws in _TEXTS:
        if (match := own.fullmatch(message)) is not None:
            return match.expand(of_aws)
    return message


def _is_absent(iam: Any, arn: str) -> bool:
    """Whether the present account has no such user or role; of other accounts it is not known."""
    match = _IDENTITY.fullmatch(arn)
    if match is None or match["account"] != iam.get_account_id() or _OF_SERVICE in arn:
        return False
    found = (iam._roles if match["kind"] == "role" else iam._users).get(match["name"])
    return found is None or found["Arn"] != arn


class _Identities:
    """What is asked before ministack's IAM answers.

    Args:
        iam: ministack's module.
    """

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        self.checks: Mapping[str, Callable[[Parameters], Answer | None]] = {
            "AttachRolePolicy": partial(self._attachable, "RoleName", iam._roles),
            "AttachUserPolicy": partial(self._attachable, "UserName", iam._users),
            "AttachGroupPolicy": partial(self._attachable, "GroupName", iam._groups),
            "CreatePolicy": self._managed_document,
            "CreatePolicyVersion": self._policy,
            "ListPolicyVersions": self._policy,
            "GetPolicy": self._document,
            "GetPolicyVersion": self._version,
            "DeletePolicyVersion": self._version,
            "DeletePolicy": self._one_version,
            "DeleteUser": self._unused_user,
            "DeleteGroup": self._unused_group,
        }
        """By action, what refuses its parameters."""

    def within_limits(self, parameters: Parameters) -> Answer | None:
        """Refuses names and times that IAM does not take, whatever they are for."""
        wrong = limit_error(lambda name: str(self._iam._p(parameters, name) or ""))
        return None if wrong is None else self._refusal(400, "ValidationError", wrong)

    def set_default_version(self, parameters: Parameters) -> Answer:
        """`SetDefaultPolicyVersion`, which ministack has not."""
        refused = self._version(parameters)
        if refused is not None:
            return refused
        policy = self._iam._lookup_policy(self._of(parameters, "PolicyArn"))
        policy["DefaultVersionId"] = self._of(parameters, "VersionId")
        for name, version in policy["Versions"].items():
            version["IsDefaultVersion"] = name == policy["DefaultVersionId"]
        answer: Answer = self._iam._xml(200, "SetDefaultPolicyVersionResponse", "", ns="iam")
        return answer

    def _of(self, parameters: Parameters, name: str) -> str:
        return str(self._iam._p(parameters, name))

    def _refusal(self, status: int, code: str, message: str) -> Answer:
        refused: Answer = self._iam._error(status, code, message, ns="iam")
        return refused

    def _attachable(self, named: str, identities: Mapping[str, Any], parameters: Parameters) -> Answer | None:
        arn = self._of(parameters, "PolicyArn")
        if self._of(parameters, named) not in identities:
            return None  # ministack says so
        if not _ARN.fullmatch(arn):
            return self._refusal(400, "ValidationError", "Invalid ARN:  Could not be parsed!")
        if self._iam._policy_exists(arn) or is_managed_by_aws(arn):
            return None
        return self._refusal(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")

    def _managed_document(self, parameters: Parameters) -> Answer | None:
        wrong = identity_policy_error(self._of(parameters, "PolicyDocument"), managed=True)
        return None if wrong is None else self._refusal(400, "MalformedPolicyDocument", wrong)

    def _policy(self, parameters: Parameters) -> Answer | None:
        arn = self._of(parameters, "PolicyArn")
        if not self._iam._policy_exists(arn):
            return self._refusal(404, "NoSuchEntity", f"Policy {arn} was not found.")
        return self._managed_document(parameters) if "PolicyDocument" in parameters else None

    def _document(self, parameters: Parameters) -> Answer | None:
        arn = self._of(parameters, "PolicyArn")
        if self._iam._policy_exists(arn) or not is_managed_by_aws(arn):
            return None
        return self._refusal(501, "NotImplemented", f"The emulator knows of {arn} the name alone.")

    def _version(self, parameters: Parameters) -> Answer | None:
        refused = self._document(parameters)
        if refused is not None:
            return refused
        arn, version = self._of(parameters, "PolicyArn"), self._of(parameters, "VersionId")
        policy = self._iam._lookup_policy(arn)
        if policy is not None and version in policy["Versions"]:
            return None
        message = f"Policy {arn} version {version} does not exist or is not attachable."
        return self._refusal(404, "NoSuchEntity", message)

    def _one_version(self, parameters: Parameters) -> Answer | None:
        policy = self._iam._policies.get(self._of(parameters, "PolicyArn"))
        if policy is None or policy.get("AttachmentCount", 0) or len(policy["Versions"]) == 1:
            return None
        message = (
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
        return self._refusal(409, "DeleteConflict", message)

    def _unused_user(self, parameters: Parameters) -> Answer | None:
        name = self._of(parameters, "UserName")
        if self._iam._user_inline_policies.get(name):
            return self._in_use("delete policies")
        if any(name in group["Users"] for group in self._iam._groups.values()):
            return self._in_use("remove users from group")
        return self._in_use("delete login profile") if name in self._iam._login_profiles else None

    def _unused_group(self, parameters: Parameters) -> Answer | None:
        name = self._of(parameters, "GroupName")
        group = self._iam._groups.get(name, {})
        if group.get("Users"):
            return self._in_use("remove users from group")
        if group.get("AttachedPolicies"):
            return self._in_use("detach all policies")
        return self._in_use("delete policies") if self._iam._group_inline_policies.get(name) else None

    def _in_use(self, first: str) -> Answer:
        return self._refusal(409, "DeleteConflict", f"Cannot delete entity, must {first} first.")
