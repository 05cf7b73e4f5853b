"""What the hyperparameters of principal component analysis demand of each other.

Source: "PCA Hyperparameters" in the SageMaker developer guide.
"""

from collections.abc import Iterator, Mapping

from sagecraft_catalog.algorithm.hyperparameter import HyperparameterValue


def conflicts(values: Mapping[str, HyperparameterValue], unresolved: frozenset[str]) -> Iterator[str]:
    """Every demand that is not met, one sentence each.

    Args:
        values: The hyperparameters that could be read, by name.
        unresolved: Names that are given but whose values are not known yet; those are not in `values`.
    """
    del unresolved
    components, features = values.get("num_components"), values.get("feature_dim")
    if isinstance(components, int) and isinstance(features, int) and components > features:
        yield f"num_components: got '{components}', must be at most feature_dim, '{features}'."
