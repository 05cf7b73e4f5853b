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
    if not unresolved & {"index_type", "faiss_index_pq_m", "feature_dim", "dimension_reduction_target"}:
        yield from _index_conflicts(values)


def _reduction_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    kind, target = values.get("dimension_reduction_type"), values.get("dimension_reduction_target")
    features = values.get("feature_dim")
    if kind is not None and target is None:
        yield f"dimension_reduction_target: required with dimension_reduction_type '{kind}'."
    if isinstance(target, int) and isinstance(features, int) and target >= features:
        yield f"dimension_reduction_target: got '{target}', must be less than feature_dim, '{features}'."


def _index_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    parts = values.get("faiss_index_pq_m")
    if values.get("index_type") != "faiss.IVFPQ":
        return
    if parts is None:
        yield "faiss_index_pq_m: required with index_type 'faiss.IVFPQ'."
    dimensions = values.get("dimension_reduction_target", values.get("feature_dim"))
    if isinstance(parts, int) and isinstance(dimensions, int) and dimensions % parts:
        yield f"faiss_index_pq_m: got '{parts}', must divide the dimensions of the index, '{dimensions}'."
