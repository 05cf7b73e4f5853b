"""Facts that AWS publishes about SageMaker: images, instance types, hyperparameters, metrics and limits."""

from .algorithm.container import Algorithm, ImageScope, MetricDefinition, algorithm, algorithms
from .algorithm.hyperparameter import Hyperparameter, HyperparameterValue
from .algorithm.tuning import ObjectiveMetric, TunableHyperparameter
from .errors import (
    CatalogError,
    InvalidHyperparameters,
    InvalidName,
    UnknownAlgorithm,
    UnknownInstanceType,
    UnknownRegion,
    UnknownVersion,
)
from .instance_type import InstanceSize, InstanceUse, check_instance_type, instance_size, instance_types
from .name import check_name
from .near_match import near_matches
from .region import dns_suffix, partition

__all__ = [
    "Algorithm",
    "CatalogError",
    "Hyperparameter",
    "HyperparameterValue",
    "ImageScope",
    "InstanceSize",
    "InstanceUse",
    "InvalidHyperparameters",
    "InvalidName",
    "MetricDefinition",
    "ObjectiveMetric",
    "TunableHyperparameter",
    "UnknownAlgorithm",
    "UnknownInstanceType",
    "UnknownRegion",
    "UnknownVersion",
    "algorithm",
    "algorithms",
    "check_instance_type",
    "check_name",
    "dns_suffix",
    "instance_size",
    "instance_types",
    "near_matches",
    "partition",
]
