"""Names of what is in Studio, which CloudFormation does not make up."""

from typing import Final

from aws_cdk import Names
from constructs import Construct
from sagecraft_catalog import check_name

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.tokens import is_token

LONGEST_NAME: Final = 63


def check_given_name(problems: Problems, prop: str, kind: str, name: str | None) -> None:
    """Notes a name that SageMaker does not take.

    Args:
        problems: Where to.
        prop: What is given.
        kind: The member of the API that holds the name.
        name: The name; `None` is fine.
    """
    if name is not None and not is_token(name):
        with problems.noting(prop):
            check_name(kind, name)


def own_name(construct: Construct, *, longest: int = LONGEST_NAME) -> str:
    """A name made from where a construct stands."""
    return Names.unique_resource_name(construct, max_length=longest, separator="-")
