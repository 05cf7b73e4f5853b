"""AWS CDK constructs for machine-learning environments on Amazon SageMaker."""

from .automl.best_candidate import BestCandidate
from .automl.job import AutoMLJob
from .automl.metric import AutoMLMetric, ProblemType
from .automl.mode import AutoMLMode
from .automl.problem import AutoMLProblem
from .automl.tabular import TabularProblem
from .automl.text_classification import TextClassification
from .automl.time_series import TimeSeriesForecasting
from .container.algorithm_image import AlgorithmImage
from .container.container import ContainerImage, TrainingContainer
from .container.local_program import LocalProgram
from .data.bucket import DataBucket
from .data.dataset import Dataset
from .data.input import TrainingInput
from .data.model_data import ModelData
from .errors import ConstructError, InvalidProps, PreparationFailed
from .features.base import FeatureGroupBase
from .features.group import FeatureGroup
from .features.kinds import FeatureType, StorageType, TableFormat
from .features.store import OfflineStore, OnlineStore
from .features.throughput import ProvisionedThroughput
from .hosting.automl_model import AutoMLModel
from .hosting.base import ModelBase
from .hosting.continuous_delivery import ContinuousDelivery
from .hosting.endpoint import Endpoint, EndpointBase
from .hosting.endpoint_config import DataCapture, EndpointConfig, EndpointConfigBase
from .hosting.model import Model
from .hosting.packaged_model import PackagedModel
from .hosting.production_variant import ProductionVariant
from .instance_type import InstanceType
from .job.realization import JobRealization
from .money.anomaly_monitor import AnomalyFrequency, CostAnomalyMonitor, CostAnomalyMonitorBase
from .money.billed_service import BilledService
from .money.billing_alarm import BillingAlarm
from .money.budget import Budget, OnExceed
from .money.cost_budget import ApprovalModel, CostBudget, CostBudgetBase, NotificationType
from .money.guardrails import Guardrails
from .money.off_switch import OffSwitch
from .money.stoppable import Stoppable
from .notebook.instance import NotebookInstance, NotebookInstanceBase, PlatformIdentifier
from .notebook.lifecycle_config import LifecycleConfig, LifecycleConfigBase
from .permissions.execution_role import ExecutionRole
from .pipelines.condition import Condition
from .pipelines.event import EventTrigger
from .pipelines.execution_variable import ExecutionVariable
from .pipelines.parameter import ParameterBoolean, ParameterFloat, ParameterInteger, ParameterString
from .pipelines.pipeline import Pipeline, PipelineBase
from .pipelines.property_file import PropertyFile
from .pipelines.schedule import Schedule
from .pipelines.steps.call_step import CallbackStep, LambdaStep
from .pipelines.steps.check_step import CheckBaseline
from .pipelines.steps.clarify_check_step import ClarifyCheckStep
from .pipelines.steps.condition_step import ConditionStep
from .pipelines.steps.emr_step import EMRStep
from .pipelines.steps.fail_step import FailStep
from .pipelines.steps.job_step import JobStep
from .pipelines.steps.model_step import ModelStep, RegisterModelStep
from .pipelines.steps.notebook_job_step import NotebookJobStep
from .pipelines.steps.quality_check_step import ModelQuality, QualityCheckStep
from .pipelines.steps.retry_policy import RetryException, RetryPolicy
from .pipelines.steps.step import Step
from .processing.input import ProcessingInput
from .processing.job import ProcessingJob
from .processing.output import ProcessingOutput
from .registry.approval import ModelApprovalStatus
from .registry.base import ModelPackageBase, ModelPackageGroupBase
from .registry.group import ModelPackageGroup
from .registry.metrics import ModelMetrics
from .registry.package import ModelPackage
from .studio.app import StudioApp
from .studio.app_type import StudioAppType
from .studio.base import StudioDomainBase
from .studio.domain import StudioDomain
from .studio.image import StudioImage, StudioImageBase
from .studio.lifecycle_config import StudioLifecycleConfig, StudioLifecycleConfigBase
from .studio.space import Space, SpaceBase
from .studio.user_profile import UserProfile, UserProfileBase
from .team.environment import TeamEnvironment
from .team.persona import Person, Persona, Workplace
from .training.base import TrainingJobBase
from .training.job import TrainingJob
from .transform.job import TransformJob
from .transform.records import BatchStrategy, DataProcessing, SplitType
from .tuning.definition import TuningDefinition
from .tuning.job import TuningJob
from .tuning.objective import Objective
from .tuning.range import CategoricalRange, ContinuousRange, IntegerRange, Scaling
from .tuning.strategy import Hyperband, TuningStrategy, WarmStartType

__all__ = [
    "AlgorithmImage",
    "AnomalyFrequency",
    "ApprovalModel",
    "AutoMLJob",
    "AutoMLMetric",
    "AutoMLMode",
    "AutoMLModel",
    "AutoMLProblem",
    "BatchStrategy",
    "BestCandidate",
    "BilledService",
    "BillingAlarm",
    "Budget",
    "CallbackStep",
    "CategoricalRange",
    "CheckBaseline",
    "ClarifyCheckStep",
    "Condition",
    "ConditionStep",
    "ConstructError",
    "ContainerImage",
    "ContinuousDelivery",
    "ContinuousRange",
    "CostAnomalyMonitor",
    "CostAnomalyMonitorBase",
    "CostBudget",
    "CostBudgetBase",
    "DataBucket",
    "DataCapture",
    "DataProcessing",
    "Dataset",
    "EMRStep",
    "Endpoint",
    "EndpointBase",
    "EndpointConfig",
    "EndpointConfigBase",
    "EventTrigger",
    "ExecutionRole",
    "ExecutionVariable",
    "FailStep",
    "FeatureGroup",
    "FeatureGroupBase",
    "FeatureType",
    "Guardrails",
    "Hyperband",
    "InstanceType",
    "IntegerRange",
    "InvalidProps",
    "JobRealization",
    "JobStep",
    "LambdaStep",
    "LifecycleConfig",
    "LifecycleConfigBase",
    "LocalProgram",
    "Model",
    "ModelApprovalStatus",
    "ModelBase",
    "ModelData",
    "ModelMetrics",
    "ModelPackage",
    "ModelPackageBase",
    "ModelPackageGroup",
    "ModelPackageGroupBase",
    "ModelQuality",
    "ModelStep",
    "NotebookInstance",
    "NotebookInstanceBase",
    "NotebookJobStep",
    "NotificationType",
    "Objective",
    "OffSwitch",
    "OfflineStore",
    "OnExceed",
    "OnlineStore",
    "PackagedModel",
    "ParameterBoolean",
    "ParameterFloat",
    "ParameterInteger",
    "ParameterString",
    "Person",
    "Persona",
    "Pipeline",
    "PipelineBase",
    "PlatformIdentifier",
    "PreparationFailed",
    "ProblemType",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingOutput",
    "ProductionVariant",
    "PropertyFile",
    "ProvisionedThroughput",
    "QualityCheckStep",
    "RegisterModelStep",
    "RetryException",
    "RetryPolicy",
    "Scaling",
    "Schedule",
    "Space",
    "SpaceBase",
    "SplitType",
    "Step",
    "Stoppable",
    "StorageType",
    "StudioApp",
    "StudioAppType",
    "StudioDomain",
    "StudioDomainBase",
    "StudioImage",
    "StudioImageBase",
    "StudioLifecycleConfig",
    "StudioLifecycleConfigBase",
    "TableFormat",
    "TabularProblem",
    "TeamEnvironment",
    "TextClassification",
    "TimeSeriesForecasting",
    "TrainingContainer",
    "TrainingInput",
    "TrainingJob",
    "TrainingJobBase",
    "TransformJob",
    "TuningDefinition",
    "TuningJob",
    "TuningStrategy",
    "UserProfile",
    "UserProfileBase",
    "WarmStartType",
    "Workplace",
]
