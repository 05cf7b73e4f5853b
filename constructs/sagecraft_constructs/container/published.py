"""Images that AWS publishes, each region's in an account of its own."""

from collections.abc import Callable, Iterable, Mapping

from aws_cdk import CfnMapping, Fn, Stack
from constructs import Construct

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.tokens import is_token

from .container import ContainerImage


def published_image(
    scope: Construct,
    words: Iterable[str],
    path: str,
    accounts: Mapping[str, str],
    uri_in: Callable[[str], str],
    *,
    network_isolation: bool,
) -> ContainerImage:
    """The image in the region of the stack; where that is a token, by a mapping of regions to accounts.

    Args:
        scope: In the stack.
        words: What the mapping is called by; letters and digits of them count.
        path: The repository and, behind a colon, the tag.
        accounts: By region.
        uri_in: Gives the URI in a region that is known, or refuses it.
        network_isolation: Whether the container does its work without the network.
    """
    stack = stack_of(scope)
    if is_token(stack.region):
        account = _account_by_region(stack, words, accounts)
        uri = f"{account}.dkr.ecr.{stack.region}.{stack.url_suffix}/{path}"
    else:
        uri = uri_in(stack.region)
        account = uri.partition(".")[0]
    repository = path.partition(":")[0]
    return ContainerImage(
        uri=uri,
        repository_arn=f"arn:{stack.partition}:ecr:{stack.region}:{account}:repository/{repository}",
        network_isolation=network_isolation,
    )


def _account_by_region(stack: Stack, words: Iterable[str], accounts: Mapping[str, str]) -> str:
    """Looks the account up when the template is deployed; one mapping per set of accounts stands in a stack."""
    name = "".join(filter(str.isalnum, "".join(word.capitalize() for word in words)))
    mapping = stack.node.try_find_child(name)
    if mapping is None:
        by_region = {region: {"account": account} for region, account in sorted(accounts.items())}
        mapping = CfnMapping(stack, name, mapping=by_region)
    return Fn.find_in_map(stack.get_logical_id(mapping), stack.region, "account")  # type: ignore[arg-type]  # a CfnMapping is a CfnElement
