import subprocess
import sys

import sagecraft_constructs


def test_the_public_names_are_these() -> None:
    assert sorted(sagecraft_constructs.__all__) == sagecraft_constructs.__all__
    assert all(hasattr(sagecraft_constructs, name) for name in sagecraft_constructs.__all__)
    assert sagecraft_constructs.__all__ == [
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
        "Endpoint",
        "EndpointBase",
        "EndpointConfig",
        "EndpointConfigBase",
        "EventTrigger",
        "ExecutionRole",
        "ExecutionVariable",
        "FailStep",
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
        "ModelStep",
        "NotebookInstance",
        "NotebookInstanceBase",
        "NotificationType",
        "Objective",
        "OffSwitch",
        "OnExceed",
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
        "StudioApp",
        "StudioAppType",
        "StudioDomain",
        "StudioDomainBase",
        "StudioImage",
        "StudioImageBase",
        "StudioLifecycleConfig",
        "StudioLifecycleConfigBase",
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


def test_importing_asks_nothing_of_the_cdks_process_and_brings_no_client_of_aws() -> None:
    program = """
import sys

import aws_cdk
from jsii._kernel.providers.process import _NodeProcess

def send(self, request, response_type):
    raise AssertionError(request)

_NodeProcess.send = send
import sagecraft_constructs
print(sorted({"boto3", "botocore", "typeguard"} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
