"""Whether the policy of a model package group lets another account in.

Which of that account's users and roles it lets in is for the account's own policies to say: a principal counts as its
account here. A statement with a condition allows nothing, since what it asks for is not known.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from sagecraft_emulator.errors import ApiError, validation_error


def check_policy(text: str) -> None:
    """Refuses a policy that is none.

    Raises:
        ApiError: It is no JSON, has no statements, or one of them lacks what a policy of a resource has.
    """
    try:
        statements = list(_statements(text))
    except (ValueError, TypeError) as error:
        raise validation_error(f"ResourcePolicy is not a valid policy document: {error}") from None
    if not statements:
        raise validation_error("ResourcePolicy is not a valid policy document: it has no Statement.")
    for each in statements:
        if each.get("Effect") not in {"Allow", "Deny"}:
            raise validation_error(f"The Effect of a statement must be Allow or Deny, got {each.get('Effect')!r}.")
        for element in ("Principal", "Action", "Resource"):
            if not {element, f"Not{element}"} & each.keys():
                raise validation_error(f"A statement of ResourcePolicy must have a {element}.")


def require_shared(policy: str | None, account: str, action: str, resource: str) -> None:
    """Passes when the policy of a resource lets another account do something.

    Args:
        policy: The document; None where the resource has none.
        account: Who asks.
        action: As IAM names it.
        resource: An ARN.

    Raises:
        ApiError: It does not.
    """
    found = [] if policy is None else [each for each in _statements(policy) if _meant(each, account, action, resource)]
    denied = any(each["Effect"] == "Deny" for each in found)
    if denied or not any("Condition" not in each for each in found):
        because = "with an explicit deny in a resource-based policy"
        raise ApiError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on resource: {resource} "
            f"{because if denied else f'because no resource-based policy allows the {action} action'}",
        )


def _statements(text: str) -> Iterator[Mapping[str, Any]]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise TypeError("it must be a JSON object")
    for each in _listed(document.get("Statement", [])):
        if not isinstance(each, dict):
            raise TypeError("each Statement must be a JSON object")
        yield each


def _meant(statement: Mapping[str, Any], account: str, action: str, resource: str) -> bool:
    """Whether a statement is about a request."""
    principals = statement.get("Principal", {})
    accounts = _listed(principals.get("AWS", [])) if isinstance(principals, dict) else _listed(principals)
    return (
        any(each in {"*", account} or each.split(":")[4:5] == [account] for each in accounts)
        and any(fnmatchcase(action.lower(), str(each).lower()) for each in _listed(statement.get("Action", [])))
        and any(fnmatchcase(resource, str(each)) for each in _listed(statement.get("Resource", [])))
    )


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
