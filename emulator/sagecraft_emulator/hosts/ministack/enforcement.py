"""The host's evaluator, with what it gets wrong put right, and the record of what it decided."""

import functools
import threading
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from sagecraft_emulator.authorization.calls import RoleCalls
from sagecraft_emulator.authorization.managed_policies import add_managed_policies
from sagecraft_emulator.authorization.request_context import metric_namespaces
from sagecraft_emulator.authorization.role_names import role_names
from sagecraft_emulator.authorization.role_report import RoleReport, RoleReports
from sagecraft_emulator.authorization.role_session import RoleCredentials, RoleError

from .permissions.encrypted_objects import check_key
from .permissions.key_aliases import ALIASES, key_and_aliases
from .permissions.log_streams import with_log_streams
from .permissions.lookup import HostLookup
from .permissions.unmet import unmet_conditions
from .sessions import SESSION_NAME, HostSessions

MAX_WORK: Final = 1_000
"""Of so many pieces of work it is remembered what was refused to them last."""
LAMBDA: Final = "lambda.amazonaws.com"
_DENIED: Final = ContextVar("denied", default=("", ""))
"""Of the request under way: the action that was refused last, and on what."""
_Value = TypeVar("_Value")

# ruff: noqa: SLF001 - ministack has no public way to any of this


HostAnswer = tuple[int, dict[str, str], bytes]
HostService = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[HostAnswer]]


class Refusal(NamedTuple):
    """Why a call is refused: AWS's error code, and its message."""

    code: str
    message: str


@dataclass(frozen=True)
class Denial:
    """A call that was refused.

    Attributes:
        principal: Whose it was, an ARN.
        action: As IAM names it.
        resource: What it was on.
        explicit: Whether a `Deny` refused it; else no `Allow` was found.
        by_resource_policy: Whether the policy of the resource did.
    """

    principal: str
    action: str
    resource: str
    explicit: bool
    by_resource_policy: bool

    def __str__(self) -> str:
        """AWS's words."""
        kind = "a resource-based policy" if self.by_resource_policy else "an identity-based policy"
        because = (
            f"with an explicit deny in {kind}"
            if self.explicit
            else f"because no identity-based policy allows the {self.action} action"
        )
        return (
            f"User: {self.principal} is not authorized to perform: {self.action} on resource: {self.resource} {because}"
        )


class Enforcement:
    """Permissions as ministack enforces them. Make it before the first request of a ministack with `AUTH=true`.

    Args:
        calls: Where decisions are counted.
        demanded: The reasons that nouns give for what the functions that deploy them may do, by action.
        constructs_of: The paths of the constructs that declare the roles of an account, by the names of the roles.
        lookup: Knows which roles may be assumed.
        sessions: Begins sessions of roles.
    """

    enforced = True

    def __init__(
        self,
        calls: RoleCalls,
        demanded: Mapping[str, str],
        constructs_of: Callable[[str], Mapping[str, str]],
        lookup: HostLookup,
        sessions: HostSessions,
    ) -> None:
        from ministack.core import iam_actions, iam_evaluator, lambda_runtime  # noqa: PLC0415 - reads its settings
        from ministack.services import iam, kms, lambda_svc, s3, sts  # noqa: PLC0415 - as above

        add_managed_policies(iam)
        self._calls, self._constructs_of, self._lookup, self._sessions = calls, constructs_of, lookup, sessions
        self._evaluator, self._iam, self._sts = iam_evaluator, iam, sts
        self._actions, self._s3, self._kms, self._functions = iam_actions, s3, kms, lambda_svc._functions
        self._reports = RoleReports(iam_evaluator, iam._roles, calls, demanded)
        self._lock = threading.Lock()
        self._denials: OrderedDict[str, Denial] = OrderedDict()
        self._evaluate = iam_evaluator.enforce
        iam_evaluator.enforce = self._enforce
        _loopback_is_secure(iam_evaluator)
        _mend_actions(iam_actions)
        lambda_runtime.execution_credentials = self._function_credentials
        lambda_svc.execution_credentials = self._function_credentials
        lambda_svc._create_function = self._checking_role(lambda_svc._create_function)
        ends = self._with_sessions(lambda_runtime.invalidate_worker)
        lambda_runtime.invalidate_worker = lambda_svc.invalidate_worker = ends

    def credentials(self, role_arn: str, account: str, work: str) -> RoleCredentials:
        """As `RoleSessions` says."""
        self._lookup.check_trust(role_arn, account)
        return self._sessions.begin(role_arn, SESSION_NAME, work)

    def end(self, work: str) -> None:
        """As `RoleSessions` says."""
        self._sessions.end(work)

    def denied(self, work: str) -> str | None:
        """As `RoleSessions` says."""
        with self._lock:
            denial = self._denials.get(work)
        if denial is None:
            return None
        account, name = _role_of_session(denial.principal)
        construct = self._constructs_of(account).get(name)
        whose = f"the role '{name}'" if construct is None else f"the construct '{construct}'"
        return f"AccessDenied: {denial}. Mend the permissions of {whose}."

    def refuse(
        self,
        headers: Mapping[str, str],
        action: str,
        resource: str,
        region: str,
        context: Mapping[str, Any] | None = None,
        or_role: str | None = None,
    ) -> Refusal | None:
        """Evaluates a call that the host does not answer itself, or a second action of one that it does.

        Args:
            headers: Of the request, names in lower case.
            action: As IAM names it.
            resource: The ARN that it is on.
            region: Of the request.
            context: Condition keys of the request.
            or_role: A role that may be allowed it in the place of the caller.

        Returns:
            The refusal, or None.
        """
        from ministack.core.router import extract_access_key_id  # noqa: PLC0415 - as in `__init__`

        key, service, context = extract_access_key_id(dict(headers), {}), action.partition(":")[0], dict(context or {})
        if service == "kms":
            found = key_and_aliases(self._kms, resource)
            if found is None:
                return None  # it is for the service to say that there is no such key
            resource, context[ALIASES] = found
        if or_role is not None and self._role_may(or_role, action, region, resource, context):
            return None
        decided = self._enforce(key, action, service, region, resource, context)
        if decided is None:
            return None
        if not hasattr(decided, "decision"):
            return Refusal(decided.code, decided.message)
        denial = Denial(decided.principal_arn, action, resource, decided.decision == "Deny", False)
        rules = "" if denial.explicit else self._unmet(key, action, resource, region, context)
        return Refusal("AccessDeniedException", ". ".join(filter(None, (str(denial), rules))))

    def _role_may(self, role_arn: str, action: str, region: str, resource: str, context: dict[str, Any]) -> bool:
        from ministack.core.responses import get_account_id  # noqa: PLC0415 - as in `__init__`

        work = f"Request/{uuid.uuid4()}"
        try:
            credentials = self.credentials(role_arn, get_account_id(), work)
            service = action.partition(":")[0]
            decided = self._evaluate(credentials.access_key_id, action, service, region, resource, context)
        except RoleError:
            return False  # which the service says in AWS's words
        finally:
            self.end(work)
        if decided is None:
            self._calls.add(role_arn, action, resource, context, allowed=True)
        return decided is None

    def _unmet(self, access_key: str, action: str, resource: str, region: str, context: dict[str, Any]) -> str:
        from ministack.core.responses import get_account_id  # noqa: PLC0415 - as in `__init__`

        principal = self._evaluator.resolve_principal(access_key, get_account_id())
        asked = self._evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=action,
            resource_arn=resource,
            region=region,
            service_context={name.lower(): value for name, value in context.items()},
            principal_keys=principal.keys,
        )
        return unmet_conditions(self._evaluator, principal.policies, asked)

    def with_keys(self, s3: HostService) -> HostService:
        """S3 that uses KMS keys as its caller."""

        async def answer(
            method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
        ) -> HostAnswer:
            def check(action: str, key_arn: str) -> HostAnswer | None:
                refusal = self.refuse(headers, action, key_arn, key_arn.split(":")[3])
                if refusal is None:
                    return None
                refused: HostAnswer = self._actions.access_denied_response(
                    "s3", action, "", str(uuid.uuid4()), headers=dict(headers), message=refusal.message
                )
                return refused

            refused = check_key(self._s3, self._kms, method, path, headers, query, check)
            return await s3(method, path, headers, body, query) if refused is None else refused

        return answer

    def reports(self, name: str, work: Iterable[tuple[str, Sequence[str]]]) -> tuple[list[RoleReport], list[str]]:
        """What is known of the roles that a name means.

        Args:
            name: Of a role, a job, an endpoint, a model, a notebook instance, a function or a construct.
            work: The name of each piece of work, and the ARNs of the roles that it is done as.

        Returns:
            The reports; and every name there is, when there are none.
        """
        roles: dict[str, str | None] = {}
        for (account, role_name), role in list(self._iam._roles._data.items()):
            roles[role["Arn"]] = self._constructs_of(account).get(role_name)
        functions = {key[-1]: value["config"]["Role"] for key, value in list(self._functions._data.items())}
        names = role_names(roles, functions, work)
        if name not in names:
            return [], sorted(names)
        return [self._reports.of(arn, roles[arn]) for arn in names[name]], []

    def _enforce(
        self,
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        decided = self._evaluate(access_key_id, iam_action, service, region, resource_arn, service_context)
        if decided is not None:
            _DENIED.set((iam_action, resource_arn))
        session = self._sts._sessions.get(access_key_id)
        if session is None or ":assumed-role/" not in session.get("Arn", ""):
            return decided
        if decided is not None and not hasattr(decided, "decision"):
            return decided  # the credentials are wrong, which says nothing of the role
        account, name = _role_of_session(session["Arn"])
        role = self._iam._roles.get_scoped(account, None, name)
        if role is not None:
            context = {key.lower(): value for key, value in (service_context or {}).items()}
            self._calls.add(role["Arn"], iam_action, resource_arn, context, allowed=decided is None)
        if decided is not None:
            denial = Denial(
                session["Arn"], iam_action, resource_arn, decided.decision == "Deny", bool(decided.resource_policy_arn)
            )
            work = self._sessions.work_of(access_key_id)
            if work is not None:
                with self._lock:
                    _remember(self._denials, work, denial)
        return decided

    def _checking_role(self, create: Callable[[dict[str, Any]], HostAnswer]) -> Callable[[dict[str, Any]], HostAnswer]:
        """Lambda's `CreateFunction`, which refuses a role that does not trust it; ministack asks only for a role."""
        from ministack.core.responses import error_response_json, get_account_id  # noqa: PLC0415 - as in `__init__`

        def create_checked(request: dict[str, Any]) -> HostAnswer:
            try:
                self._lookup.check_trust(request.get("Role", ""), get_account_id(), LAMBDA)
            except RoleError:
                message = "The role defined for the function cannot be assumed by Lambda."
                refused: HostAnswer = error_response_json("InvalidParameterValueException", message, 400)
                return refused
            return create(request)

        return create_checked

    def _function_credentials(self, config: dict[str, Any]) -> dict[str, str]:
        """In the place of ministack's own, which asks no trust policy."""
        name, (region, account) = config["FunctionName"], config["FunctionArn"].split(":")[3:5]
        self._lookup.check_trust(config["Role"], account, LAMBDA)
        return self._sessions.begin(config["Role"], name[:64], _work_of_function(name, account, region)).variables

    def _with_sessions(self, end_processes: Callable[..., None]) -> Callable[..., None]:
        """What ends the processes of a function, and its sessions where there is no such function any more."""

        def end(name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None) -> None:
            end_processes(name, qualifier=qualifier, account=account, region=region)
            if account and region and (account, region, name) not in self._functions._data:
                self._sessions.end(_work_of_function(name, account, region))

        return end


def _work_of_function(name: str, account: str, region: str) -> str:
    return f"Function/{account}/{region}/{name}"


def _remember(memory: "OrderedDict[str, _Value]", key: str, value: _Value) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > MAX_WORK:
        memory.popitem(last=False)


def _role_of_session(arn: str) -> tuple[str, str]:
    """The account and role name of `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`."""
    parts = arn.split(":")
    return parts[4], parts[5].split("/")[1]


def _loopback_is_secure(evaluator: Any) -> None:
    """The loopback interface stands for TLS: a policy that demands it is not meant to keep this machine out."""
    pin = evaluator.pin_request_origin

    @functools.wraps(pin)
    def pin_as_secure(source_ip: str, secure_transport: bool) -> None:
        del secure_transport
        pin(source_ip, True)

    from ministack import app  # noqa: PLC0415 - as above

    app.pin_request_origin = pin_as_secure
    evaluator.pin_request_origin = pin_as_secure


def _mend_actions(actions: Any) -> None:
    """Teaches ministack what it does not know of a request: namespaces of metrics, streams of logs, attached policies.

    Of SageMaker it knows no action; whoever answers its requests evaluates what they need.
    """
    own_context = actions.request_tag_context

    def request_context(service: str, action: str, body: bytes, params: Mapping[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = own_context(service, action, body, params)
        if action == "cloudwatch:PutMetricData":
            context = {**context, "cloudwatch:namespace": metric_namespaces(body, params)}
        if service == "iam" and (policy := params.get("PolicyArn")):
            context = {**context, "iam:policyarn": policy[0] if isinstance(policy, list) else policy}
        return context

    own_response = actions.access_denied_response

    @functools.wraps(own_response)
    def response(service: str, action: str, principal: str, request_id: str, **options: Any) -> Any:
        """AWS names what a denial is on, in quotation marks in S3: of a copy or a batch, one of several."""
        denied, on = _DENIED.get()
        resource = on if denied == action else options.get("resource_arn", "*")
        if not any(options.get(name) for name in ("message", "error_code", "resource_policy_arn")) and resource != "*":
            named = f'"{resource}"' if service == "s3" else resource
            explicit = options.get("explicit_deny", False)
            options["message"] = actions.identity_denial_message(action, principal, named, explicit)
        return own_response(service, action, principal, request_id, **options)

    actions.extract_resource_arn = with_log_streams(actions.extract_resource_arn)
    actions.request_tag_context = request_context
    actions.access_denied_response = response
