"""CDK constructs as components of Pulumi.

Needs `pip install 'sagecraft[pulumi]'`.
"""

from .component import CdkComponent
from .components import (
    BillingAlarm,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    ExecutionRole,
    LifecycleConfig,
    Model,
    NotebookInstance,
    ProcessingJob,
    TrainingJob,
    TransformJob,
    TuningJob,
)
from .construct_component import ConstructComponent
from .existing import existing
from .inputs import list_input, number_input, string_input
from .template.errors import NotExpressible

__all__ = [
    "BillingAlarm",
    "CdkComponent",
    "ConstructComponent",
    "DataBucket",
    "Dataset",
    "Endpoint",
    "EndpointConfig",
    "ExecutionRole",
    "LifecycleConfig",
    "Model",
    "NotExpressible",
    "NotebookInstance",
    "ProcessingJob",
    "TrainingJob",
    "TransformJob",
    "TuningJob",
    "existing",
    "list_input",
    "number_input",
    "string_input",
]
