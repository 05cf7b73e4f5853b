"""The types of steps: by which operation each is done, and how its result is named.

Source: `src/sagemaker/workflow/steps.py` of https://github.com/aws/sagemaker-python-sdk, and the members of
`PipelineExecutionStepMetadata` in SageMaker's service model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

OUTPUT_PARAMETERS: Final = "OutputParameters"


@dataclass(frozen=True)
class ApiStepType:
    """A type of steps that are done by one operation of the API.

    Attributes:
        kind: AWS's noun of what the operation creates.
        metadata: The member of the step's metadata that has its ARN.
        properties: The operations that later steps read the result from.
        longest_name: How many characters a name may have.
        prefix: What a generated name begins with.
        is_named: Whether the arguments have the name, as it is.
    """

    kind: str
    metadata: str
    properties: tuple[str, ...]
    longest_name: int = 63
    prefix: str = "pipelines-"
    is_named: bool = False

    @property
    def name_member(self) -> str:
        """The member of the request that has the name."""
        return f"{self.kind}Name"

    def operation(self, arguments: Mapping[str, Any]) -> str:
        """The operation for some arguments: AutoML jobs have two."""
        return "CreateAutoMLJobV2" if "AutoMLJobInputDataConfig" in arguments else f"Create{self.kind}"


def _job(kind: str, metadata: str, **members: Any) -> ApiStepType:
    return ApiStepType(kind, metadata, (f"Describe{kind}",), **members)


API: Final[Mapping[str, ApiStepType]] = {
    "Processing": _job("ProcessingJob", "ProcessingJob"),
    "Training": _job("TrainingJob", "TrainingJob"),
    "Tuning": ApiStepType(
        "HyperParameterTuningJob",
        "TuningJob",
        ("DescribeHyperParameterTuningJob", "ListTrainingJobsForHyperParameterTuningJob"),
        longest_name=32,
        prefix="",
    ),
    "AutoML": _job("AutoMLJob", "AutoMLJob", longest_name=32, prefix=""),
    "Transform": _job("TransformJob", "TransformJob"),
    "Model": _job("Model", "Model"),
    "RegisterModel": _job("ModelPackage", "RegisterModel"),
    "EndpointConfig": _job("EndpointConfig", "EndpointConfig"),
    "Endpoint": _job("Endpoint", "Endpoint", is_named=True),
    "QualityCheck": _job("ProcessingJob", "QualityCheck"),
    "ClarifyCheck": _job("ProcessingJob", "ClarifyCheck"),
}
CHECKS: Final[Mapping[str, tuple[str, ...]]] = {
    "QualityCheck": ("statistics.json", "constraints.json"),
    "ClarifyCheck": ("analysis.json",),
}
"""The files in the output of a check's job that later runs are compared with."""
FUNCTIONS: Final = ("Lambda", "Callback")
"""What puts out what it declares as output parameters."""
OWN: Final = ("Condition", "Fail", *FUNCTIONS)
NOT_RUN: Final = (
    "Cleanup",
    "EMR",
    "EMRServerless",
    "ForEach",
    "InferenceComponent",
    "Job",
    "Lineage",
    "BedrockCustomModel",
    "BedrockCustomModelDeployment",
    "BedrockModelImport",
    "BedrockProvisionedModelThroughput",
)
"""Types that nothing here runs: a pipeline with a step of one is refused."""
TYPES: Final = frozenset({*API, *OWN, *NOT_RUN})
REPORTS: Final[Mapping[str, tuple[str, str]]] = {
    "ModelInsightsJsonReportPath": ("ModelInsights", "statistics.json"),
    "ExplainabilityJsonReportPath": ("Explainability", "analysis.json"),
}
"""The members of `BestCandidateProperties` of an AutoML step: which artefact of the best candidate, and its file.

Source: `src/sagemaker/workflow/automl_step.py` of https://github.com/aws/sagemaker-python-sdk
"""
BEST_CANDIDATE: Final = "BestCandidateProperties"
BASELINES: Final = (
    "CalculatedBaselineConstraints",
    "CalculatedBaselineStatistics",
    "BaselineUsedForDriftCheckConstraints",
    "BaselineUsedForDriftCheckStatistics",
)
"""The properties of a check."""
