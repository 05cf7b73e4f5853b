"""What the hyperparameters of k-nearest neighbors demand of each other.

Source: "k-NN Hyperparameters" in the SageMaker developer guide.
"""

from collections.abc import Iterator, Mapping

from sagecraft_catalog.algorithm.hyperparameter import HyperparameterValue


def conflicts(values: Mapping[str, HyperparameterValue], unresolved: frozenset[str]) -> Iterator[str]:
    """Every demand that is not met, one sentence each.

    Args:
        values: The hyperparameters that could be read, by name.
        unresolved: Names that are given but whose values are not known yet; demands on those are not checked.
    """
    if not unresolved & {"dimension_reduction_type", "dimension_reduction_target", "feature_dim"}:
        yield from _reduction_conflicts(values)
    if not unresolved & {"index_type", "index_metric", "faiss_index_pq_m"}:
        yield from _index_conflicts(values)


def _reduction_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    kind, target = values.get("dimension_reduction_type"), values.get("dimension_reduction_target")
    features = values.get("feature_dim")
    if kind is not None and target is None:
        yield f"dimension_reduction_target: required with dimension_reduction_type '{kind}'."
    if isinstance(target, int) and isinstance(features, int) and target >= features:
        yield f"dimension_reduction_target: got '{target}', must be less than feature_dim, '{features}'."


def _index_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    if values.get("index_type") != "faiss.IVFPQ":
        return
    if "faiss_index_pq_m" not in values:
        yield "faiss_index_pq_m: required with index_type 'faiss.IVFPQ'."
    metric = values.get("index_metric", "L2")
    if metric != "L2":
        yield f"index_metric: got '{metric}', with index_type 'faiss.IVFPQ' it must be 'L2'."
