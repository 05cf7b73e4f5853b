"""Which construct declares a role: the stack's template says so, as the CDK writes it."""

from typing import Any, Final

ROLE: Final = "AWS::IAM::Role"
PATH: Final = "aws:cdk:path"


def construct_of(cloudformation: Any, account: str, role_name: str) -> str | None:
    """The path of the construct that declares a role; None where no stack of a CDK app does.

    Args:
        cloudformation: ministack's module.
        account: Of the role.
        role_name: Its name.
    """
    for (stack_account, _, _), stack in list(cloudformation._stacks._data.items()):  # noqa: SLF001 - no public way
        if stack_account != account:
            continue
        template = stack.get("_template") or {}
        for logical_id, resource in (stack.get("_resources") or {}).items():
            if resource.get("ResourceType") == ROLE and resource.get("PhysicalResourceId") == role_name:
                metadata = template.get("Resources", {}).get(logical_id, {}).get("Metadata") or {}
                path: str | None = metadata.get(PATH)
                return None if path is None else path.removesuffix("/Resource")
    return None
