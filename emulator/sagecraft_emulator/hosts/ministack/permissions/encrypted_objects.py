"""S3 uses a KMS key as its caller: a role that may not decrypt with the key of an object cannot read it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

ENCRYPTION: Final = "x-amz-server-side-encryption"
KEY: Final = "x-amz-server-side-encryption-aws-kms-key-id"
_OBJECT: Final = re.compile(r"/(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)


Check = Callable[[str, str], tuple[int, dict[str, str], bytes] | None]
"""Evaluates an action on a key, by its ARN; returns the status, headers and body of the refusal, or None."""


def check_key(
    s3: Any, kms: Any, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any], check: Check
) -> tuple[int, dict[str, str], bytes] | None:
    """Evaluates what a request of an object does with the KMS key of the object.

    Args:
        s3: ministack's module.
        kms: ministack's module.
        method: Of the request.
        path: Of the request, in path style.
        headers: Of the request, names in lower case.
        query: Of the request.
        check: Evaluates a use of a key.

    Returns:
        The refusal, or None.
    """
    match = _OBJECT.fullmatch(path)
    if match is None:
        return None
    if method in {"GET", "HEAD"}:
        stored = (s3._buckets.get(match["bucket"]) or {}).get("objects", {}).get(match["key"])  # noqa: SLF001 - no other way
        key = None if stored is None else stored.get("preserved_headers", {}).get(KEY)
        action = "kms:Decrypt"
    elif method == "PUT" or (method == "POST" and "uploads" in query):
        given = headers if headers.get(ENCRYPTION) else s3._bucket_default_sse_headers(match["bucket"])  # noqa: SLF001
        key = given.get(KEY)
        action = "kms:GenerateDataKey"
    else:
        return None
    # Everybody of the account may use the key that AWS keeps for S3 through S3.
    if key is None or key.endswith("alias/aws/s3"):
        return None
    record = kms._resolve_key(key)  # noqa: SLF001 - as above
    return None if record is None else check(action, record["Arn"])
