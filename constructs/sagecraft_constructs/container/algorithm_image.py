"""AWS's images of its algorithms and frameworks."""

from aws_cdk import CfnMapping, Fn, Stack
from constructs import Construct
from sagecraft_catalog import Algorithm, ImageScope, algorithm

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .container import ContainerImage, TrainingContainer


class AlgorithmImage(TrainingContainer):
    """An algorithm or framework of AWS by name and version.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/ecr-us-east-1.html
    """

    version: str

    @check_props
    def __init__(self, *, name: str, version: str) -> None:
        """Names the algorithm.

        Args:
            name: A built-in algorithm, such as `xgboost`, `kmeans` or `blazingtext`, or the framework `sklearn`.
            version: One that AWS publishes: `1` for most algorithms, such as `1.7-1` for XGBoost, whose `latest` is
                refused, because it is the oldest.

        Raises:
            CatalogError: There is no such algorithm or version; the message names near matches.
            InvalidProps: One of the two is a token.
        """
        Problems("AlgorithmImage").require_known(name=name, version=version)
        self._algorithm = algorithm(name)
        self._algorithm.repository(version)
        self.version = version

    @property
    def algorithm(self) -> Algorithm:
        """What the catalog knows of it."""
        return self._algorithm

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:
        """The image in the region of the stack; where that is a token, by a mapping of regions to accounts.

        Raises:
            CatalogError: AWS publishes no such image for the use or in the region.
        """
        stack = stack_of(scope)
        repository = self._algorithm.repository(self.version)
        if is_token(stack.region):
            account = self._account_by_region(stack, use)
            tag = self._algorithm.image_tag(self.version, use)
            uri = f"{account}.dkr.ecr.{stack.region}.{stack.url_suffix}/{repository}:{tag}"
        else:
            uri = self._algorithm.image_uri(self.version, stack.region, use)
            account = uri.partition(".")[0]
        return ContainerImage(
            uri=uri,
            repository_arn=f"arn:{stack.partition}:ecr:{stack.region}:{account}:repository/{repository}",
            # A framework image fetches the user's script from S3 by itself, which needs the network.
            network_isolation=bool(self._algorithm.hyperparameters),
        )

    def _account_by_region(self, stack: Stack, use: ImageScope) -> str:
        """Looks the account up when the template is deployed; one mapping per set of accounts stands in a stack."""
        words = (*self._algorithm.name.split("-"), *self.version.split("-"), use, "images")
        name = "".join(filter(str.isalnum, "".join(word.capitalize() for word in words)))
        mapping = stack.node.try_find_child(name)
        if mapping is None:
            accounts = self._algorithm.image_accounts(self.version, use)
            mapping = CfnMapping(
                stack, name, mapping={region: {"account": account} for region, account in sorted(accounts.items())}
            )
        return Fn.find_in_map(stack.get_logical_id(mapping), stack.region, "account")  # type: ignore[arg-type]  # a CfnMapping is a CfnElement
