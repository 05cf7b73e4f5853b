"""What the CDK's process is asked once."""

from aws_cdk import App, Environment, NestedStack, Stack
from constructs import Construct
from sagecraft_constructs.asked import arn_at, place_of, stack_of


def test_a_construct_has_the_stack_and_the_place_that_the_cdk_says() -> None:
    stack = Stack(App(), "Here", env=Environment(account="123456789012", region="eu-west-1"))
    nested = NestedStack(Construct(stack, "Group"), "Below")
    inner = Construct(nested, "Inner")
    elsewhere = Stack(App(), "Here", env=Environment(account="123456789012", region="us-east-1"))

    for _ in range(2):
        assert stack_of(stack) is stack
        assert stack_of(inner) is stack_of(nested) is nested
        assert (place_of(inner).region, place_of(elsewhere).region) == ("eu-west-1", "us-east-1")
        assert arn_at(inner, "logs", "it") == f"arn:{stack.partition}:logs:eu-west-1:123456789012:it"
