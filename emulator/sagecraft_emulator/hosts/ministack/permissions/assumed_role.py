"""STS, which gives nobody the credentials of a role that there is not, or for longer than the role may be assumed.

ministack makes them up. What the trust policy of a role says of the caller is asked with `--enforce-iam` alone.
Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, and AWS's answers as they are told in
https://github.com/Netflix/security_monkey/issues/77, https://github.com/localstack/localstack/issues/8313,
https://github.com/kreuzwerker/awsu/issues/27 and https://github.com/99designs/aws-vault/issues/263.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer, ServiceHandler

_ASSUMED: Final = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")
_CALLER: Final = re.compile(rb"<Arn>([^<]*)</Arn>")
_NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"
_SHORTEST_SECONDS: Final = 900
_LONGEST_SECONDS: Final = 43_200
_LONGEST_CHAINED_SECONDS: Final = 3600


def with_assumed_roles(longest_session: Callable[[str], int | None], answer: ServiceHandler) -> ServiceHandler:
    """STS that refuses a role that there is not, and sessions that are too long.

    Args:
        longest_session: How many seconds a session of the role of that ARN may last; None where there is no such role.
        answer: STS as it is, which refuses what is no ARN of a role.
    """

    async def answer_for_roles(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        asked = {**query, **parse_qs(body.decode("utf-8", errors="replace"))}
        action, role = asked.get("Action", [""])[0], asked.get("RoleArn", [""])[0]
        if action not in _ASSUMED or not _ROLE.fullmatch(role):
            return await answer(method, path, headers, body, query)

        async def who() -> ServiceAnswer:
            identity = b"Action=GetCallerIdentity&Version=2011-06-15"
            return await answer(method, path, headers, identity, {})

        longest = longest_session(role)
        if longest is None:
            return await _absent(action, role, who)
        wrong = await _too_long(action, asked.get("DurationSeconds", [""])[0], longest, who)
        if wrong is not None:
            return _refusal(400, "ValidationError", wrong)
        return await answer(method, path, headers, body, query)

    return answer_for_roles


async def _absent(action: str, role: str, who: Callable[[], Awaitable[ServiceAnswer]]) -> ServiceAnswer:
    if action != "AssumeRole":
        return _refusal(403, "AccessDenied", f"Not authorized to perform sts:{action}")
    answered = await who()
    caller = _CALLER.search(answered[2])
    if caller is None:  # its credentials are no good
        return answered
    user = caller[1].decode()
    message = f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {escape(role)}"
    return _refusal(403, "AccessDenied", message)


async def _too_long(
    action: str, duration: str, longest: int, who: Callable[[], Awaitable[ServiceAnswer]]
) -> str | None:
    """What is wrong with how long a session is to last."""
    if not duration.isdecimal():
        return None
    seconds = int(duration)
    for fits, limit in (
        (seconds >= _SHORTEST_SECONDS, f"greater than or equal to {_SHORTEST_SECONDS}"),
        (seconds <= _LONGEST_SECONDS, f"less than or equal to {_LONGEST_SECONDS}"),
    ):
        if not fits:
            failed = "failed to satisfy constraint: Member must have value"
            return f"1 validation error detected: Value '{seconds}' at 'durationSeconds' {failed} {limit}"
    if seconds > _LONGEST_CHAINED_SECONDS and action == "AssumeRole":
        caller = _CALLER.search((await who())[2])
        if caller is not None and b":assumed-role/" in caller[1]:
            return "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    if seconds > longest:
        return "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    return None


def _refusal(status: int, code: str, message: str) -> ServiceAnswer:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    document = f'<ErrorResponse xmlns="{_NAMESPACE}">{error}<RequestId>{uuid4()}</RequestId></ErrorResponse>'
    return status, {"Content-Type": "text/xml"}, document.encode()
