"""What IAM answers: to documents that it does not read, of what is not there, and of what is in use.

The cases of documents are those that https://github.com/versity/versitygw recorded on AWS.
"""

import json
from typing import Any

from .table import ACCOUNT, Row

TRUST = "https://github.com/versity/versitygw, iamapi/policy/trust_test.go"
GRANT = "https://github.com/versity/versitygw, tests/integration: IAMPutRolePolicy_malformed_policy_document"
ROLES = "https://github.com/localstack/localstack, tests/aws/services/iam/test_iam_roles.snapshot.json"
POLICIES = "https://github.com/localstack/localstack, tests/aws/services/iam/test_iam_policies.snapshot.json"
ATTACHED = "https://github.com/localstack/localstack, tests/aws/services/iam/test_iam.snapshot.json"
IN_USE = "https://github.com/hashicorp/terraform-provider-aws/issues/18534"
ABSENT_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/absent"
SERVICE = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def _json(document: Any) -> str:
    return json.dumps(document).replace("{", "{{").replace("}", "}}")


def _document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return _json({"Version": version, "Statement": list(statements)})


def _trust(case: str, document: str, message: str, source: str = TRUST) -> Row:
    request = {"RoleName": "untrusted", "AssumeRolePolicyDocument": document}
    return Row(case, "CreateRole", request, "MalformedPolicyDocument", message, source, "iam")


def _grant(case: str, document: str, message: str) -> Row:
    request = {"RoleName": "role", "PolicyName": "own", "PolicyDocument": document}
    return Row(case, "PutRolePolicy", request, "MalformedPolicyDocument", message, GRANT, "iam")


def _without(statement: dict[str, Any], name: str) -> str:
    return _document({key: value for key, value in statement.items() if key != name})


STS_ALONE = "AssumeRole policy may only specify STS AssumeRole actions."
TRUSTS = [
    _trust("no JSON", "{{invalid json", "This policy contains invalid Json"),
    _trust("an empty document", "{{}}", "Could not parse the policy: Statement is empty!"),
    _trust(
        "another version", _document(SERVICE, version="2020-01-01"), "The policy must contain a valid version string"
    ),
    _trust("no effect", _without(SERVICE, "Effect"), "Missing required field Effect"),
    _trust("no such effect", _document({**SERVICE, "Effect": "Maybe"}), "Invalid effect: Maybe"),
    _trust("no principal", _without(SERVICE, "Principal"), "Missing required field Principal"),
    _trust("a text as principal", _document({**SERVICE, "Principal": "*"}), "Principal must be a JSON object."),
    _trust(
        "a service without its domain",
        _document({**SERVICE, "Principal": {"Service": "sagemaker"}}),
        'Invalid principal in policy: "SERVICE":"sagemaker"',
    ),
    _trust(
        "a role that there is not as principal",
        _document({**SERVICE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/absent"}}),
        f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/absent"',
        "https://github.com/hashicorp/terraform-provider-aws/issues/8905",
    ),
    _trust("no action", _without(SERVICE, "Action"), "Missing required field Action"),
    _trust("an action of S3", _document({**SERVICE, "Action": "s3:GetObject"}), STS_ALONE),
    _trust("no action of STS's", _document({**SERVICE, "Action": "sts:InvalidAction"}), STS_ALONE, ROLES),
    _trust("a resource", _document({**SERVICE, "Resource": "*"}), "Has prohibited field Resource"),
    Row(
        "a resource",
        "UpdateAssumeRolePolicy",
        {"RoleName": "role", "PolicyDocument": _document({**SERVICE, "Resource": "*"})},
        "MalformedPolicyDocument",
        "Has prohibited field Resource",
        ROLES,
        "iam",
    ),
]
SYNTAX = "Syntax errors in policy."
GRANTS = [
    _grant("no JSON", "{{not valid json", SYNTAX),
    _grant("an empty document", "{{}}", SYNTAX),
    _grant("no such effect", _document({**READ, "Effect": "Maybe"}), SYNTAX),
    _grant("no such element", _document({**READ, "Actions": "s3:GetObject"}), SYNTAX),
    _grant("no actions", _without(READ, "Action"), "Policy statement must contain actions."),
    _grant("no resources", _without(READ, "Resource"), "Policy statement must contain resources."),
    _grant("a principal", _document({**READ, "Principal": "*"}), "Policy document should not specify a principal."),
    _grant(
        "an action of no service",
        _document({**READ, "Action": "GetObject"}),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    _grant(
        "a resource that is no ARN",
        _document({**READ, "Resource": "invalid"}),
        'Resource invalid must be in ARN format or "*".',
    ),
    _grant(
        "no such partition",
        _document({**READ, "Resource": "arn:aws2:s3:::example-bucket/*"}),
        'Partition "aws2" is not valid for resource "arn:aws2:s3:::example-bucket/*".',
    ),
    _grant(
        "a name twice",
        _document(*[{**READ, "Sid": "Dup"}] * 2),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    Row(
        "no version",
        "CreatePolicy",
        {"PolicyName": "unread", "PolicyDocument": _json({"Statement": [READ]})},
        "MalformedPolicyDocument",
        "Policy document must be version 2012-10-17 or greater.",
        "https://github.com/Meteor-Community-Packages/Meteor-CollectionFS/issues/630",
        "iam",
    ),
]


def _absent(operation: str, request: dict[str, Any], message: str, source: str, code: str = "NoSuchEntity") -> Row:
    return Row("what there is not", operation, request, code, message, source, "iam")


def _in_use(case: str, operation: str, request: dict[str, Any], message: str, source: str) -> Row:
    return Row(case, operation, request, "DeleteConflict", message, source, "iam")


NO_ROLE = "The role with name absent cannot be found."
ENTITIES = [
    _absent("GetRole", {"RoleName": "absent"}, NO_ROLE, ROLES),
    _absent("DeleteRole", {"RoleName": "absent"}, NO_ROLE, ROLES),
    _absent(
        "GetRolePolicy",
        {"RoleName": "role", "PolicyName": "absent"},
        "The role policy with name absent cannot be found.",
        ROLES,
    ),
    _absent(
        "AttachRolePolicy",
        {"RoleName": "role", "PolicyArn": ABSENT_POLICY},
        f"Policy {ABSENT_POLICY} does not exist or is not attachable.",
        ATTACHED,
    ),
    Row(
        "a policy of AWS's, misspelt",
        "AttachRolePolicy",
        {"RoleName": "role", "PolicyArn": "arn:aws:iam::aws:policy/AdminstratorAccess"},
        "NoSuchEntity",
        "Policy arn:aws:iam::aws:policy/AdminstratorAccess does not exist or is not attachable.",
        ATTACHED,
        "iam",
    ),
    Row(
        "the name of a policy",
        "AttachRolePolicy",
        {"RoleName": "role", "PolicyArn": "existing-policy-by-name"},
        "ValidationError",
        "Invalid ARN:  Could not be parsed!",
        ATTACHED,
        "iam",
    ),
    _absent("DeletePolicy", {"PolicyArn": ABSENT_POLICY}, f"Policy {ABSENT_POLICY} was not found.", ATTACHED),
    _absent(
        "GetPolicyVersion",
        {"PolicyArn": "{policy}", "VersionId": "v9"},
        "Policy {policy} version v9 does not exist or is not attachable.",
        POLICIES,
    ),
    Row(
        "one that is there",
        "CreatePolicy",
        {"PolicyName": "attached", "PolicyDocument": _document(READ)},
        "EntityAlreadyExists",
        "A policy called attached already exists. Duplicate names are not allowed.",
        POLICIES,
        "iam",
    ),
    _in_use(
        "with a policy attached",
        "DeleteRole",
        {"RoleName": "lambda_role"},
        "Cannot delete entity, must detach all policies first.",
        ROLES,
    ),
    _in_use(
        "with a policy of its own",
        "DeleteUser",
        {"UserName": "user"},
        "Cannot delete entity, must delete policies first.",
        ROLES,
    ),
    _in_use(
        "one that is attached",
        "DeletePolicy",
        {"PolicyArn": "{policy}"},
        "Cannot delete a policy attached to entities.",
        "https://github.com/hashicorp/terraform-provider-aws/issues/32906",
    ),
    _in_use(
        "with a role in it",
        "DeleteInstanceProfile",
        {"InstanceProfileName": "profile"},
        "Cannot delete entity, must remove roles from instance profile first.",
        IN_USE,
    ),
]
LONG = "r" * 65
LENGTHS = "https://github.com/serverless/examples/issues/405"
CHARACTERS = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html; the text: logs of Terraform"
UNFIT = "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must have {}"


def _limit(case: str, operation: str, request: dict[str, Any], message: str, source: str) -> Row:
    return Row(case, operation, request, "ValidationError", message, source, "iam")


LIMITS = [
    _limit(
        "a name that is too long",
        "CreateRole",
        {"RoleName": LONG, "AssumeRolePolicyDocument": _document(SERVICE)},
        UNFIT.format(LONG, "roleName", "length less than or equal to 64"),
        LENGTHS,
    ),
    _limit(
        "a name with a path in it",
        "PutRolePolicy",
        {"RoleName": "service-role/mine", "PolicyName": "own", "PolicyDocument": _document(READ)},
        "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the "
        "following: +=,.@_-",
        CHARACTERS,
    ),
    _limit(
        "sessions of over half a day",
        "CreateRole",
        {"RoleName": "tireless", "AssumeRolePolicyDocument": _document(SERVICE), "MaxSessionDuration": 43_201},
        UNFIT.format(43_201, "maxSessionDuration", "value less than or equal to 43200"),
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html; the text is that of other members",
    ),
]
IAM = [*TRUSTS, *GRANTS, *ENTITIES, *LIMITS]


def prepare(iam: Any) -> str:
    """Makes what is in use, around the role that is there, and gives the ARN of the policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [READ]})
    policy: str = iam.create_policy(PolicyName="attached", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="lambda_role", PolicyArn=policy)
    iam.create_user(UserName="user")
    iam.put_user_policy(UserName="user", PolicyName="own", PolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="lambda_role")
    return policy
