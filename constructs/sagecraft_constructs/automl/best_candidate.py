"""The best candidate of an AutoML job."""

from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import IDependable

from sagecraft_constructs.prop_kinds import check_props


@check_props
@dataclass(frozen=True, kw_only=True)
class BestCandidate:
    """What a model of the best candidate is made of; which candidate that is, is known at deployment alone.

    Attributes:
        job_name: The AutoML job's.
        name_prefix: What the names of the job, and of its other attempts, begin with.
        bucket: Where its models are.
        prefix: What their keys begin with.
        key: Encrypts them; `None` where the bucket's default encryption does.
        response_keys: What an answer of its model can be asked to hold.
        requires: What has to be deployed before there is a best candidate.
    """

    job_name: str
    name_prefix: str
    bucket: s3.IBucket
    prefix: str
    key: kms.IKey | None
    response_keys: tuple[str, ...]
    requires: tuple[IDependable, ...]
