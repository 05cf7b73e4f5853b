"""STS, which gives nobody the credentials of a role that there is not; ministack makes them up.

What the trust policy of a role says of the caller is asked with `--enforce-iam` alone.
Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, and AWS's answer as it is told in
https://github.com/Netflix/security_monkey/issues/77 and https://github.com/localstack/localstack/issues/8313.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer, ServiceHandler

_ASSUMED: Final = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")
_CALLER: Final = re.compile(rb"<Arn>([^<]*)</Arn>")
_NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"


def with_absent_roles(is_there: Callable[[str], bool], answer: ServiceHandler) -> ServiceHandler:
    """STS that refuses a role that there is not.

    Args:
        is_there: Whether there is a role of that ARN.
        answer: STS as it is, which refuses what is no ARN of a role.
    """

    async def answer_for_roles(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        asked = {**query, **parse_qs(body.decode("utf-8", errors="replace"))}
        action, role = asked.get("Action", [""])[0], asked.get("RoleArn", [""])[0]
        if action not in _ASSUMED or not _ROLE.fullmatch(role) or is_there(role):
            return await answer(method, path, headers, body, query)
        if action != "AssumeRole":
            return _refusal(f"Not authorized to perform sts:{action}")
        identity = b"Action=GetCallerIdentity&Version=2011-06-15"
        status, answer_headers, content = await answer(method, path, headers, identity, {})
        caller = _CALLER.search(content)
        if caller is None:  # its credentials are no good
            return status, answer_headers, content
        user = caller[1].decode()
        return _refusal(f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {escape(role)}")

    return answer_for_roles


def _refusal(message: str) -> ServiceAnswer:
    error = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    document = f'<ErrorResponse xmlns="{_NAMESPACE}">{error}<RequestId>{uuid4()}</RequestId></ErrorResponse>'
    return 403, {"Content-Type": "text/xml"}, document.encode()
