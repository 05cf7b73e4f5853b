"""Places in S3: prefixes as they are given, made into what keys begin with; and buckets that SageMaker can reach."""

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import is_legal_key

from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.tokens import is_token


def key_of(subject: str, prop: str, given: str) -> str:
    """A key or prefix without the slashes that it begins with; a token is taken as it is.

    Raises:
        InvalidProps: There is `//` in it, which SageMaker does not read.
    """
    if is_token(given):
        return given
    key = given.lstrip("/")
    if not is_legal_key(key):
        raise InvalidProps(subject, [f"{prop}: {_illegal(given)}"])
    return key


def check_prefix(problems: Problems, prop: str, prefix: str | None) -> None:
    """Notes a prefix below which SageMaker could not read what is written there."""
    if prefix is not None and not is_token(prefix) and not is_legal_key(prefix.strip("/")):
        problems.add(prop, _illegal(prefix))


def check_region(problems: Problems, scope: Construct, prop: str, bucket: s3.IBucket) -> None:
    """Notes a bucket of another region than the stack's, where both are known."""
    there, here = bucket.env.region, Stack.of(scope).region
    if there != here and not is_token(there) and not is_token(here):
        problems.add(
            prop,
            f"the bucket is in {there}; SageMaker in {here} works with buckets of its own region alone. Use one there.",
        )


def url_of(bucket: s3.IBucket, key: str) -> str:
    """`s3://<bucket>/<key>`, or the bucket's own URL where the key is empty."""
    return bucket.s3_url_for_object(key) if key else bucket.s3_url_for_object()


def _illegal(given: str) -> str:
    return f"'{given}' has '//' in it, and SageMaker reads no such key; write single slashes."
