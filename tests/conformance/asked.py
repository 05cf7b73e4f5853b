"""What is wrong with a request in itself."""

from .table import ACCOUNT, OPEN, Row, training, tuning

_OPERATOR = "aws/amazon-sagemaker-operator-for-k8s controllers/controllertest and clientwrapper: what it matches on"
_TERRAFORM = "hashicorp/terraform-provider-aws internal/service/sagemaker: what it matches on"
_TAGS = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
_ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
_BLAZINGTEXT = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"


def _whole_numbers(low: str, high: str, name: str = "max_depth") -> dict[str, list[dict[str, str]]]:
    return {"IntegerParameterRanges": [{"Name": name, "MinValue": low, "MaxValue": high}]}


def _tagged(*keys: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": "a"} for key in keys]


def _without(request: dict[str, object], member: str) -> dict[str, object]:
    return {name: value for name, value in request.items() if name != member}


TUNING = [
    Row(
        "more training jobs than combinations",
        "CreateHyperParameterTuningJob",
        tuning(ranges=_whole_numbers("1", "3"), most=10),
        "ValidationException",
        "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter combinations "
        "for the provided ranges [3.0] must be equal or greater than the value of MaxNumberOfJobs, [10]. Provide "
        "additional ranges.",
        "https://github.com/aws/amazon-sagemaker-operator-for-k8s/issues/123",
    ),
    Row(
        "a hyperparameter of the algorithm that cannot be tuned",
        "CreateHyperParameterTuningJob",
        tuning(ranges=_whole_numbers("1", "9", "nthread")),
        "ValidationException",
        "nthread: cannot be tuned...",
        "the hyperparameters that aws/sagemaker-xgboost-container declares tunable",
    ),
    Row(
        "a hyperparameter that the algorithm does not have",
        "CreateHyperParameterTuningJob",
        tuning(ranges=_whole_numbers("1", "9", "deepness")),
        "ValidationException",
        "deepness: not a hyperparameter of xgboost...",
        "the hyperparameters that aws/sagemaker-xgboost-container declares",
    ),
    Row(
        "an algorithm of AWS's without a program here",
        "CreateHyperParameterTuningJob",
        tuning(image=_BLAZINGTEXT),
        "NotImplemented",
        "The algorithm blazingtext is not supported by this emulator: it has no program. Register one of yours: ...",
        "AWS takes it; the emulator says what it has not",
    ),
]

MISSING = [
    Row(f"there is none of that name ({operation})", operation, request, code, message, source)
    for operation, request, code, message, source in (
        (
            "DescribeTrainingJob",
            {"TrainingJobName": "none"},
            "ValidationException",
            "Requested resource not found.",
            _OPERATOR,
        ),
        (
            "DescribeProcessingJob",
            {"ProcessingJobName": "none"},
            "ValidationException",
            "Could not find requested job with name: none",
            _OPERATOR,
        ),
        *(
            (
                f"{verb}HyperParameterTuningJob",
                {"HyperParameterTuningJobName": "none"},
                "ResourceNotFound",
                "Amazon SageMaker can't find a tuning job with the name none.",
                _OPERATOR,
            )
            for verb in ("Describe", "Stop")
        ),
        (
            "DescribeEndpoint",
            {"EndpointName": "none"},
            "ValidationException",
            f'Could not find endpoint "{_ARN}:endpoint/none".',
            _OPERATOR,
        ),
        (
            "DescribeEndpointConfig",
            {"EndpointConfigName": "none"},
            "ValidationException",
            f'Could not find endpoint configuration "{_ARN}:endpoint-config/none".',
            _OPERATOR,
        ),
        (
            "DeleteModel",
            {"ModelName": "none"},
            "ValidationException",
            f'Could not find model "{_ARN}:model/none".',
            _OPERATOR,
        ),
        (
            "DescribeModelPackageGroup",
            {"ModelPackageGroupName": "none"},
            "ValidationException",
            f"ModelPackageGroup {_ARN}:model-package-group/none does not exist.",
            _TERRAFORM,
        ),
        (
            "DescribeCodeRepository",
            {"CodeRepositoryName": "none"},
            "ValidationException",
            f"Cannot find CodeRepository: {_ARN}:code-repository/none",
            _TERRAFORM,
        ),
        (
            "DescribeNotebookInstance",
            {"NotebookInstanceName": "none"},
            "ValidationException",
            "RecordNotFound",
            _TERRAFORM,
        ),
    )
]

TAGS = [
    Row(
        "a key that is AWS's own",
        "CreateModelPackageGroup",
        {"ModelPackageGroupName": "conforms", "Tags": _tagged("aws:mine")},
        "ValidationException",
        "Tag keys that begin with 'aws:' are reserved for AWS, got 'aws:mine'.",
        _TAGS,
    ),
    Row(
        "a key twice",
        "CreateModelPackageGroup",
        {"ModelPackageGroupName": "conforms", "Tags": _tagged("team", "team")},
        "ValidationException",
        "Tag keys must be unique, got 'team' 2 times.",
        _TAGS,
    ),
]

_NO_SPOT = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200}
_NO_WAIT = "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
TIMES = [
    Row(
        "a wait for spot capacity without spot",
        "CreateTrainingJob",
        training(StoppingCondition=_NO_SPOT),
        "ValidationException",
        _NO_WAIT,
        "https://github.com/Kenza-AI/sagify/issues/111",
    ),
    Row(
        "a wait for spot capacity without spot",
        "CreateHyperParameterTuningJob",
        tuning(StoppingCondition=_NO_SPOT),
        "ValidationException",
        _NO_WAIT,
        "https://github.com/aws/amazon-sagemaker-examples/issues/869",
    ),
    Row(
        "more than 28 days",
        "CreateTrainingJob",
        training(StoppingCondition={"MaxRuntimeInSeconds": 2_419_201}),
        "ValidationException",
        "MaxRuntimeInSeconds is 2419201; it must be at most 2419200, 28 days.",
        "the API reference of `StoppingCondition`",
    ),
]

REQUIRED = [
    Row(
        "no AlgorithmSpecification, which botocore does not require",
        "CreateTrainingJob",
        _without(training(), "AlgorithmSpecification"),
        "ValidationException",
        "1 validation error detected: Value null at 'algorithmSpecification' failed to satisfy constraint: Member must "
        "not be null",
        "the API reference, which requires it but where a model package is trained further",
    ),
    Row(
        "a container without anything",
        "CreateModel",
        {"ModelName": "conforms", "ExecutionRoleArn": "{role}", "PrimaryContainer": {}},
        "ValidationException",
        "The container must name its Image.",
        "the API reference of `ContainerDefinition`",
    ),
    *(
        Row(
            f"a script {what}",
            "CreateNotebookInstanceLifecycleConfig",
            {"NotebookInstanceLifecycleConfigName": "conforms", "OnStart": [script]},
            "ValidationException",
            message,
            "the API reference of `NotebookInstanceLifecycleHook`",
        )
        for what, script, message in (
            ("without content", {}, "The scripts of OnStart must have Content."),
            ("that is too long", {"Content": "QUJD" * 4097}, f"1 validation error detected: Value 'QUJD{OPEN}"),
            ("that is not ASCII", {"Content": "é"}, "The content of OnStart must be base64 encoded."),
        )
    ),
]

NOT_DONE = [
    Row(
        f"{member} is not done",
        operation,
        request,
        "NotImplemented",
        f"{member} is not supported by this emulator; leave it out.",
        "AWS takes it; a client neither mends nor repeats what the emulator does not do",
    )
    for operation, member, request in (
        (
            "CreateModel",
            "MultiModelConfig",
            {
                "ModelName": "conforms",
                "ExecutionRoleArn": "{role}",
                "PrimaryContainer": {"MultiModelConfig": {"ModelCacheSetting": "Enabled"}},
            },
        ),
        (
            "CreateEndpointConfig",
            "AsyncInferenceConfig",
            {
                "EndpointConfigName": "conforms",
                "ProductionVariants": [{"VariantName": "all", "ModelName": "model", "InstanceType": "ml.m5.large"}],
                "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://{bucket}/out"}},
            },
        ),
        (
            "CreateTrainingJob",
            "MlflowConfig",
            training(MlflowConfig={"MlflowResourceArn": f"{_ARN}:mlflow-tracking-server/a"}),
        ),
    )
]
