"""Places in S3: prefixes as they are given, made into what keys begin with; what SageMaker reaches from a region."""

from aws_cdk import IResource
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import is_legal_key

from sagecraft_constructs.asked import place_of
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
    _check_region(problems, scope, prop, "bucket", bucket)


def check_key_regions(problems: Problems, scope: Construct, **keys: kms.IKey | None) -> None:
    """Notes the keys of another region than the stack's, where both are known.

    Args:
        problems: Where they are noted.
        scope: Where in the app the keys are to be used.
        keys: By the name of the prop; `None` is none.
    """
    for prop, key in keys.items():
        if key is not None:
            _check_region(problems, scope, prop, "key", key)


def url_of(bucket: s3.IBucket, key: str) -> str:
    """`s3://<bucket>/<key>`, or the bucket's own URL where the key is empty."""
    return bucket.s3_url_for_object(key) if key else bucket.s3_url_for_object()


def _check_region(problems: Problems, scope: Construct, prop: str, what: str, resource: IResource) -> None:
    there, here = resource.env.region, place_of(scope).region
    if there != here and not is_token(there) and not is_token(here):
        problems.add(
            prop,
            f"the {what} is in {there}; SageMaker in {here} works with {what}s of its own region alone. Use one there.",
        )


def _illegal(given: str) -> str:
    return f"'{given}' has '//' in it, and SageMaker reads no such key; write single slashes."
