"""The aliases of KMS keys, by which policies may allow a key that they do not name."""

from typing import Any, Final

ALIASES: Final = "kms:resourcealiases"
"""Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""

# ruff: noqa: SLF001 - ministack has no public way to any of this


def key_and_aliases(kms: Any, named: str) -> tuple[str, list[str]] | None:
    """The ARN of a key, and its aliases; None where there is no such key.

    Args:
        kms: ministack's module.
        named: The ARN of the key, or of an alias of it.
    """
    record = kms._resolve_key(named)
    if record is None:
        return None
    aliases = [arn.partition(":alias/")[2] for arn, key_id in list(kms._aliases.items()) if key_id == record["KeyId"]]
    return record["Arn"], [f"alias/{name}" for name in sorted(aliases)]
