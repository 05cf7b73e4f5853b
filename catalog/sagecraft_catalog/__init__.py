"""Facts that AWS publishes about SageMaker: images, instance types, hyperparameters, metrics and limits."""

from .algorithm.container import Algorithm, ImageScope, MetricDefinition, algorithm, algorithms
from .algorithm.hyperparameter import Hyperparameter, HyperparameterValue
from .algorithm.script import algorithm_of_script, is_untrained_model
from .algorithm.tuning import ObjectiveMetric, TunableHyperparameter
from .automl import AUTOML_ALGORITHMS, AUTOML_METRICS, AUTOML_RESPONSE_KEYS
from .ecr_image import EcrImage
from .errors import (
    CatalogError,
    InvalidHyperparameters,
    InvalidName,
    InvalidS3Uri,
    UnknownAlgorithm,
    UnknownInstanceType,
    UnknownRegion,
    UnknownVersion,
)
from .instance_type import InstanceSize, InstanceUse, check_instance_type, instance_size, instance_types
from .name import check_name
from .near_match import near_matches
from .region import dns_suffix, partition
from .s3_location import S3Location, is_legal_key, join_key
from .service_image import ServiceImage
from .step_property import check_step_property

__all__ = [
    "AUTOML_ALGORITHMS",
    "AUTOML_METRICS",
    "AUTOML_RESPONSE_KEYS",
    "Algorithm",
    "CatalogError",
    "EcrImage",
    "Hyperparameter",
    "HyperparameterValue",
    "ImageScope",
    "InstanceSize",
    "InstanceUse",
    "InvalidHyperparameters",
    "InvalidName",
    "InvalidS3Uri",
    "MetricDefinition",
    "ObjectiveMetric",
    "S3Location",
    "ServiceImage",
    "TunableHyperparameter",
    "UnknownAlgorithm",
    "UnknownInstanceType",
    "UnknownRegion",
    "UnknownVersion",
    "algorithm",
    "algorithm_of_script",
    "algorithms",
    "check_instance_type",
    "check_name",
    "check_step_property",
    "dns_suffix",
    "instance_size",
    "instance_types",
    "is_legal_key",
    "is_untrained_model",
    "join_key",
    "near_matches",
    "partition",
]
