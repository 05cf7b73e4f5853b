"""Who is told of money: addresses, and topics that a service of AWS's may publish to."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct, IConstruct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.tokens import is_token

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_OF_TAGS: Final = re.compile(r"[\w .:/=+@-]*")
_TAG_CHARACTERS: Final = "letters, digits, blanks, and _ . : / = + - @"


def is_email(address: str) -> bool:
    """Whether a text is an email address."""
    return _ADDRESS.fullmatch(address) is not None


def check_emails(problems: Problems, emails: Sequence[str]) -> None:
    """Notes what is no email address, or is given twice."""
    for address, count in Counter(emails).items():
        if is_token(address):
            continue
        if count > 1:
            problems.add("emails", f"'{address}' is given {count} times; give each address once.")
        if not is_email(address):
            problems.add("emails", f"'{address}' is no email address; write it like name@example.com.")


def check_amount(problems: Problems, prop: str, amount: float) -> None:
    """Notes what is not more than zero, or without an end."""
    if not is_token(amount) and not 0 < amount < math.inf:
        problems.add(prop, f"should be more than 0, got {amount}.")


def check_tags(problems: Problems, prop: str, tags: Mapping[str, str], *, valued: bool = True) -> None:
    """Notes tags that nothing could carry.

    Args:
        problems: Where they are noted.
        prop: What holds them.
        tags: Values by keys.
        valued: Whether they need a value, without which a tag says nothing of what is meant.
    """
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:") or _OF_TAGS.fullmatch(key) is None:
            problems.add(prop, f"'{key}' should have 1 to 128 {_TAG_CHARACTERS}, and not begin with 'aws:'.")
        if not is_token(value) and (not valued <= len(value) <= 256 or _OF_TAGS.fullmatch(value) is None):
            many = "1 to" if valued else "at most"
            problems.add(prop, f"'{value}' of '{key}' should have {many} 256 {_TAG_CHARACTERS}.")


def topic_key(scope: Construct, told: str) -> kms.Key:
    """A key for topics, which services have to be let in to.

    AWS's own key for SNS does not let other services in: they could not publish to a topic that is encrypted by it.

    Args:
        scope: Where it stands.
        told: What it encrypts.
    """
    return kms.Key(
        scope,
        "Key",
        description=f"Encrypts {told} on their way to the subscribers",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,
    )


def encrypted_topic(scope: Construct, id: str, key: kms.Key, display_name: str) -> sns.Topic:  # noqa: A002 - the CDK's word for it
    """A topic that is encrypted and refuses plain HTTP; `display_name` is the sender of its emails."""
    return sns.Topic(scope, id, display_name=display_name, master_key=key, enforce_ssl=True)


def let_encrypt(key: kms.Key, publisher: str) -> None:
    """Lets a service publish for this account to what a key encrypts."""
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[_of_account(key, publisher)], actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=["*"]
        )
    )


def let_publish(topic: sns.ITopic, publisher: str) -> None:
    """Lets a service publish to a topic for this account; an imported one has a policy that is not ours to change.

    The policy that refuses plain HTTP replaces the one by which services of the account may publish.
    """
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[_of_account(topic, publisher)], actions=["sns:Publish"], resources=[topic.topic_arn]
        )
    )


def subscribe(scope: Construct, topic: sns.ITopic, number: int, address: str) -> None:
    """Subscribes an address to a topic."""
    if not is_token(address):
        topic.add_subscription(subscriptions.EmailSubscription(address))
        return
    # The CDK makes the id of a subscription of its address, which a token cannot be.
    by_email = sns.SubscriptionProtocol.EMAIL
    sns.Subscription(scope, f"Email{number}", topic=topic, endpoint=address, protocol=by_email)


def _of_account(scope: IConstruct, publisher: str) -> iam.ServicePrincipal:
    return iam.ServicePrincipal(publisher, conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}})
