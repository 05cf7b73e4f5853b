"""What AWS's IAM says of a policy document that it refuses: one that grants, or one that says who may assume a role.

Sources, both recorded on AWS: https://github.com/versity/versitygw, `iamapi/policy/`, and
https://github.com/localstack/localstack, `tests/aws/services/iam/`; and the cases of https://github.com/getmoto/moto,
`tests/test_iam/test_iam_policies.py`. Action names and condition keys are not looked up, as on AWS; nor, other than
there, are dates of conditions read.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

SYNTAX: Final = "Syntax errors in policy."
LEGACY: Final = "The policy failed legacy parsing"
_VERSIONS: Final = ("2008-10-17", "2012-10-17")
_EFFECTS: Final = ("Allow", "Deny")
_TOP: Final = frozenset({"Version", "Id", "Statement"})
_ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_OPERATOR: Final = re.compile(
    r"(ForAnyValue:|ForAllValues:)?"
    r"((String(Not)?(Equals|EqualsIgnoreCase|Like))"
    r"|(Numeric|Date)(Equals|NotEquals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)"
    r"|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?",
    re.IGNORECASE,
)
_VENDOR: Final = re.compile(r"[A-Za-z0-9.-]+")
_PARTITION: Final = re.compile(r"\*|aws(-[a-z0-9-]+)?")
_PARTS_OF_ARN: Final = 6
_OF_IAM: Final = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_PRINCIPALS: Final = ("AWS", "Service", "Federated")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|aws\.internal|aws\.com)")
_ASSUMING: Final = re.compile(
    r"sts:(AssumeRole(WithSAML|WithWebIdentity)?|TagSession|SetSourceIdentity|SetContext|.*\*.*)", re.IGNORECASE
)

Statement = Mapping[str, Any]
_Value = TypeVar("_Value")


def identity_policy_error(document: object, *, managed: bool = False) -> str | None:
    """What is wrong with a policy that grants, in AWS's words; None where nothing is.

    Args:
        document: As JSON, or read already.
        managed: Whether it is to be attached, rather than a part of its user, group or role.
    """
    policy = _read(document) or {}
    statements = _listed(policy.get("Statement"))
    if not statements or not _has_good_head(policy) or not all(_is_well_formed(each) for each in statements):
        return SYNTAX
    if managed and policy.get("Version") != _VERSIONS[-1]:
        return "Policy document must be version 2012-10-17 or greater."
    if any(each["Effect"] not in _EFFECTS for each in statements):
        return LEGACY
    if any("Principal" in each or "NotPrincipal" in each for each in statements):
        return "Policy document should not specify a principal."
    if _has_one_twice(statements):
        return "Statement IDs (SID) in a single policy must be unique."
    if not all(_has(each, "Action", "NotAction") for each in statements):
        return "Policy statement must contain actions."
    resources = [each for statement in statements for each in _strings(statement, "Resource", "NotResource")]
    actions = [each for statement in statements for each in _strings(statement, "Action", "NotAction")]
    wrong = _first(_resource_error, resources) or _first(_action_error, actions)
    if wrong is None and not all(_has(each, "Resource", "NotResource") for each in statements):
        return "Policy statement must contain resources."
    return wrong


def trust_policy_error(document: object, is_absent: Callable[[str], bool]) -> str | None:
    """What is wrong with a policy that says who may assume a role, in AWS's words; None where nothing is.

    Args:
        document: As JSON, or read already.
        is_absent: Whether it is known that there is no such user or role, by its ARN.
    """
    policy = _read(document)
    if policy is None:
        return "This policy contains invalid Json"
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return "The policy must contain a valid version string"
    statements = _listed(policy.get("Statement"))
    if not statements:
        return "Could not parse the policy: Statement is empty!"
    if not all(isinstance(each, Mapping) and each.keys() <= _ELEMENTS for each in statements):
        return "Syntax error in policy."
    wrong = _first(lambda each: _trust_statement_error(each, is_absent), statements)
    if wrong is None and _has_one_twice(statements):
        return "The Statement Ids in the policy are not unique"
    return wrong


def _trust_statement_error(statement: Statement, is_absent: Callable[[str], bool]) -> str | None:
    effect = statement.get("Effect")
    if effect is None:
        return "Missing required field Effect"
    if effect not in _EFFECTS:
        return f"Invalid effect: {effect}"
    if "NotPrincipal" in statement:
        return (
            "Allow with NotPrincipal is not allowed."
            if effect == "Allow"
            else "AssumeRole policy must not contain NotPrincipal field."
        )
    wrong = _principal_error(statement, is_absent)
    if wrong is not None:
        return wrong
    if not _is_condition(statement.get("Condition", {})):
        return "Syntax error in policy."
    if not _has(statement, "Action", "NotAction"):
        return "Missing required field Action"
    if not all(_ASSUMING.fullmatch(each) for each in _strings(statement, "Action", "NotAction")):
        return "AssumeRole policy may only specify STS AssumeRole actions."
    if "Resource" in statement:
        return "Has prohibited field Resource"
    return "AssumeRole policy must not contain resources." if "NotResource" in statement else None


def _principal_error(statement: Statement, is_absent: Callable[[str], bool]) -> str | None:
    if "Principal" not in statement:
        return "Missing required field Principal"
    principals = statement["Principal"]
    if isinstance(principals, str):
        return "Principal must be a JSON object."
    if not isinstance(principals, Mapping):
        return "Syntax error in policy."
    if not principals:
        return "Missing required field Principal cannot be empty!"
    strange = [
        *(f'"{kind}"' for kind in principals if kind not in _PRINCIPALS),
        *(f'"SERVICE":"{each}"' for each in _strings(principals, "Service") if not _SERVICE.fullmatch(each)),
        *(
            f'"AWS":"{each}"'
            for each in _strings(principals, "AWS")
            if not _is_account(each) and (not each.startswith("arn:") or is_absent(each))
        ),
    ]
    return f"Invalid principal in policy: {strange[0]}" if strange else None


def _is_account(principal: str) -> bool:
    """Whether it is everybody, an account, or a unique id, as AWS writes one where a user or role was deleted."""
    return principal == "*" or principal.isalnum()


def _read(document: object) -> Mapping[str, Any] | None:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return None
    return document if isinstance(document, Mapping) else None


def _has_good_head(policy: Mapping[str, Any]) -> bool:
    version, name = policy.get("Version", _VERSIONS[0]), policy.get("Id", "")
    return policy.keys() <= _TOP and version in _VERSIONS and isinstance(name, str)


def _listed(statements: object) -> list[Any]:
    if isinstance(statements, Mapping):
        return [statements]
    return statements if isinstance(statements, list) else []


def _is_well_formed(statement: object) -> bool:
    if not isinstance(statement, Mapping) or not statement.keys() <= _ELEMENTS:
        return False
    effect = statement.get("Effect")
    if not isinstance(effect, str) or effect.title() not in _EFFECTS:
        return False
    if not isinstance(statement.get("Sid", ""), str) or not _is_condition(statement.get("Condition", {})):
        return False
    for name in ("Action", "Resource"):
        if name in statement and f"Not{name}" in statement:
            return False
    values = [statement[name] for name in ("Action", "NotAction", "Resource", "NotResource") if name in statement]
    return all(isinstance(value, str) or _is_list_of_strings(value) for value in values)


def _is_list_of_strings(value: object) -> bool:
    return isinstance(value, list) and all(each is None or isinstance(each, str) for each in value)


def _is_condition(condition: object) -> bool:
    if not isinstance(condition, Mapping):
        return False
    for operator, keys in condition.items():
        if not isinstance(keys, Mapping) or (keys and not _OPERATOR.fullmatch(operator)):
            return False
        if not all(isinstance(value, str | bool | int | float | list) for value in keys.values()):
            return False
    return True


def _has_one_twice(statements: Iterable[Statement]) -> bool:
    sids = [each["Sid"] for each in statements if each.get("Sid")]
    return len(set(sids)) != len(sids)


def _has(statement: Statement, *names: str) -> bool:
    return any(statement.get(name, []) != [] for name in names)


def _strings(holder: Mapping[str, Any], *names: str) -> list[str]:
    values = [holder[name] for name in names if name in holder]
    return [
        str(each) for value in values for each in (value if isinstance(value, list) else [value]) if each is not None
    ]


def _first(error: Callable[[_Value], str | None], values: Iterable[_Value]) -> str | None:
    return next((wrong for wrong in map(error, values) if wrong is not None), None)


def _action_error(action: str) -> str | None:
    vendor, colon, name = action.partition(":")
    if action == "*":
        return None
    if not colon:
        return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    if ":" in name:
        return "Actions/Condition can contain only one colon."
    return None if vendor == "*" or _VENDOR.fullmatch(vendor) else f"Vendor {vendor} is not valid"


def _resource_error(resource: str) -> str | None:
    if resource == "*":
        return None
    if ":" not in resource:
        return f'Resource {resource} must be in ARN format or "*".'
    parts = resource.split(":", _PARTS_OF_ARN - 1)
    partition, *rest = [*parts[1:], *["*"] * (_PARTS_OF_ARN - len(parts))]
    if parts[0] == "arn" and len(parts) < _PARTS_OF_ARN and "::" in resource:
        return LEGACY
    if not _PARTITION.fullmatch(partition):
        return f'Partition "{partition}" is not valid for resource "arn:{partition}:{":".join(rest)}".'
    service, region, _, name = rest
    if len(parts) <= _PARTS_OF_ARN // 3:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    if not service:
        return LEGACY
    if region and len(parts) == _PARTS_OF_ARN and service == "s3" and not name.startswith("accesspoint/"):
        return f"Resource {resource} can not contain region information."
    return _iam_resource_error(resource, region, name) if service == "iam" and len(parts) == _PARTS_OF_ARN else None


def _iam_resource_error(resource: str, region: str, name: str) -> str | None:
    if region:
        return f"IAM resource {resource} cannot contain region information."
    if name == "*" or name.startswith(_OF_IAM):
        return None
    return f'IAM resource path must either be "*" or start with {", ".join(_OF_IAM)}.'
