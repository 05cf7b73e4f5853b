"""Which construct declares a role: the stack's template says so, as the CDK writes it."""

from typing import Any, Final

ROLE: Final = "AWS::IAM::Role"
PATH: Final = "aws:cdk:path"


def constructs_of(cloudformation: Any, account: str) -> dict[str, str]:
    """The paths of the constructs that declare roles, by the names of the roles; those of CDK apps alone.

    Args:
        cloudformation: ministack's module.
        account: Of the roles.
    """
    paths = {}
    for (stack_account, _, _), stack in list(cloudformation._stacks._data.items()):  # noqa: SLF001 - no public way
        if stack_account != account:
            continue
        template = stack.get("_template") or {}
        for logical_id, resource in (stack.get("_resources") or {}).items():
            metadata = template.get("Resources", {}).get(logical_id, {}).get("Metadata") or {}
            if resource.get("ResourceType") == ROLE and PATH in metadata:
                paths[resource["PhysicalResourceId"]] = str(metadata[PATH]).removesuffix("/Resource")
    return paths
