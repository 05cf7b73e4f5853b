"""AWS CDK constructs for machine-learning environments on Amazon SageMaker."""

from .algorithm_image import AlgorithmImage
from .billing_alarm import BillingAlarm
from .create_processing_job import ProcessingInput, ProcessingOutput
from .create_transform_job import BatchStrategy, DataProcessing, SplitType
from .data_bucket import DataBucket
from .dataset import Dataset
from .endpoint import Endpoint, EndpointBase
from .endpoint_config import DataCapture, EndpointConfig, EndpointConfigBase
from .errors import ConstructError, InvalidProps, PreparationFailed
from .execution_role import ExecutionRole
from .hyperparameter_range import CategoricalRange, ContinuousRange, IntegerRange, Scaling
from .instance_type import InstanceType
from .job_realization import JobRealization
from .lifecycle_config import LifecycleConfig, LifecycleConfigBase
from .local_program import LocalProgram
from .model import Model, ModelBase
from .model_data import ModelData
from .notebook_instance import NotebookInstance, NotebookInstanceBase, PlatformIdentifier
from .objective import Objective
from .processing_job import ProcessingJob
from .production_variant import ProductionVariant
from .training_container import ContainerImage, TrainingContainer
from .training_input import TrainingInput
from .training_job import TrainingJob
from .training_job_base import TrainingJobBase
from .transform_job import TransformJob
from .tuning_definition import TuningDefinition
from .tuning_job import TuningJob
from .tuning_strategy import Hyperband, TuningStrategy, WarmStartType

__all__ = [
    "AlgorithmImage",
    "BatchStrategy",
    "BillingAlarm",
    "CategoricalRange",
    "ConstructError",
    "ContainerImage",
    "ContinuousRange",
    "DataBucket",
    "DataCapture",
    "DataProcessing",
    "Dataset",
    "Endpoint",
    "EndpointBase",
    "EndpointConfig",
    "EndpointConfigBase",
    "ExecutionRole",
    "Hyperband",
    "InstanceType",
    "IntegerRange",
    "InvalidProps",
    "JobRealization",
    "LifecycleConfig",
    "LifecycleConfigBase",
    "LocalProgram",
    "Model",
    "ModelBase",
    "ModelData",
    "NotebookInstance",
    "NotebookInstanceBase",
    "Objective",
    "PlatformIdentifier",
    "PreparationFailed",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingOutput",
    "ProductionVariant",
    "Scaling",
    "SplitType",
    "TrainingContainer",
    "TrainingInput",
    "TrainingJob",
    "TrainingJobBase",
    "TransformJob",
    "TuningDefinition",
    "TuningJob",
    "TuningStrategy",
    "WarmStartType",
]
