"""What a `CreateAutoMLJob` or `CreateAutoMLJobV2` request asks for, in the one form that a record keeps: that of V2.

Sources: both operations in the SageMaker API reference, and "Migrate a CreateAutoMLJob to CreateAutoMLJobV2" in the
developer guide.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_catalog import AUTOML_ALGORITHMS, AUTOML_METRICS

from sagecraft_emulator.errors import NotDone

from .forecasting.request import forecast_problems

TABULAR: Final = "TabularJobConfig"
TEXT: Final = "TextClassificationJobConfig"
SERIES: Final = "TimeSeriesForecastingJobConfig"
PROBLEMS: Final[Mapping[str, str]] = {
    TABULAR: "Tabular",
    TEXT: "TextClassification",
    SERIES: "TimeSeriesForecasting",
}
"""The problems that can be solved here: the member of the request, and what an answer calls it."""
_UNDONE: Final = ("fastai", "nn-torch")
CONTENT_TYPES: Final = ("text/csv;header=present", "x-application/vnd.amazon+parquet")


def version_2(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request of `CreateAutoMLJob` as `CreateAutoMLJobV2` takes it."""
    config = request.get("AutoMLJobConfig", {})
    generation = config.get("CandidateGenerationConfig", {})
    channels = request["InputDataConfig"]
    tabular = {
        "TargetAttributeName": channels[0].get("TargetAttributeName"),
        "SampleWeightAttributeName": channels[0].get("SampleWeightAttributeName"),
        "ProblemType": request.get("ProblemType"),
        "Mode": config.get("Mode"),
        "CompletionCriteria": config.get("CompletionCriteria"),
        "GenerateCandidateDefinitionsOnly": request.get("GenerateCandidateDefinitionsOnly"),
        "FeatureSpecificationS3Uri": generation.get("FeatureSpecificationS3Uri"),
        "CandidateGenerationConfig": {"AlgorithmsConfig": generation["AlgorithmsConfig"]}
        if "AlgorithmsConfig" in generation
        else None,
    }
    of_rows = {"TargetAttributeName", "SampleWeightAttributeName"}
    members = {
        "AutoMLJobName": request["AutoMLJobName"],
        "AutoMLJobInputDataConfig": [
            {name: value for name, value in channel.items() if name not in of_rows} for channel in channels
        ],
        "OutputDataConfig": request["OutputDataConfig"],
        "AutoMLProblemTypeConfig": {TABULAR: present(tabular)},
        "RoleArn": request["RoleArn"],
        "AutoMLJobObjective": request.get("AutoMLJobObjective"),
        "ModelDeployConfig": request.get("ModelDeployConfig"),
        "SecurityConfig": config.get("SecurityConfig"),
        "DataSplitConfig": config.get("DataSplitConfig"),
        "Tags": request.get("Tags"),
    }
    return present(members)


def version_1(body: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a request of `CreateAutoMLJob`, as they are described, of what a record keeps."""
    tabular = body["AutoMLProblemTypeConfig"][TABULAR]
    generation = {
        "FeatureSpecificationS3Uri": tabular.get("FeatureSpecificationS3Uri"),
        **tabular.get("CandidateGenerationConfig", {}),
    }
    config = {
        "CompletionCriteria": tabular.get("CompletionCriteria"),
        "SecurityConfig": body.get("SecurityConfig"),
        "CandidateGenerationConfig": present(generation) or None,
        "DataSplitConfig": body.get("DataSplitConfig"),
        "Mode": tabular.get("Mode"),
    }
    rows = {name: tabular.get(name) for name in ("TargetAttributeName", "SampleWeightAttributeName")}
    return present(
        {
            "InputDataConfig": [{**channel, **present(rows)} for channel in body["AutoMLJobInputDataConfig"]],
            "ProblemType": tabular.get("ProblemType"),
            "AutoMLJobConfig": present(config),
            "GenerateCandidateDefinitionsOnly": tabular.get("GenerateCandidateDefinitionsOnly", False),
        }
    )


def problem_of(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The member that says what is to be learnt, and what stands there."""
    ((member, config),) = body["AutoMLProblemTypeConfig"].items()
    return member, config


def is_forecast(body: Mapping[str, Any]) -> bool:
    """Whether time series are to be forecast."""
    return problem_of(body)[0] == SERIES


def problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with a request in the form of V2, and that the service model does not see."""
    given = request["AutoMLProblemTypeConfig"]
    if len(given) != 1:
        yield f"AutoMLProblemTypeConfig must have exactly one member, got {len(given)}: {', '.join(sorted(given))}."
        return
    member, config = problem_of(request)
    if member not in PROBLEMS:
        yield NotDone(f"{member} is not supported by this emulator; it does {', '.join(PROBLEMS)}.")
        return
    yield from _channel_problems(request, compressed=member == TABULAR)
    yield from _split_problems(request)
    if member == TABULAR:
        yield from _tabular_problems(request, config)
    elif member == SERIES:
        yield from forecast_problems(request, config, algorithms_of(config) or ())
    else:
        yield from _text_problems(request, config)
    if "AutoMLComputeConfig" in request:
        yield NotDone("AutoMLComputeConfig is not supported by this emulator; leave it out.")
    deploy = request.get("ModelDeployConfig", {})
    if deploy.get("AutoGenerateEndpointName") and "EndpointName" in deploy:
        yield "ModelDeployConfig must not have an EndpointName where AutoGenerateEndpointName is true."


def _channel_problems(request: Mapping[str, Any], *, compressed: bool) -> Iterator[str]:
    channels = request["AutoMLJobInputDataConfig"]
    kinds = [channel.get("ChannelType", "training") for channel in channels]
    if len(set(kinds)) < len(kinds) or "training" not in kinds:
        yield f"AutoMLJobInputDataConfig must have a channel of type training, and at most one of each; got {kinds}."
    types = {channel.get("ContentType", CONTENT_TYPES[0]) for channel in channels}
    if len(types) > 1:
        yield f"The channels must share one ContentType, got {', '.join(sorted(types))}."
    for each in sorted(types):
        if each.replace(" ", "").lower() not in CONTENT_TYPES:
            yield f"ContentType '{each}' is not supported; use {' or '.join(CONTENT_TYPES)}."
    for channel in channels:
        if "DataSource" not in channel:
            yield "Each channel must have a DataSource."
        data_type = channel.get("DataSource", {}).get("S3DataSource", {}).get("S3DataType")
        if channel.get("CompressionType", "None") != "None" and not (compressed and data_type == "S3Prefix"):
            yield "CompressionType must be None, but for a table whose S3DataType is S3Prefix."
        if data_type == "AugmentedManifestFile":
            yield "S3DataType AugmentedManifestFile is for image classification alone; use S3Prefix or ManifestFile."


def _split_problems(request: Mapping[str, Any]) -> Iterator[str]:
    fraction = request.get("DataSplitConfig", {}).get("ValidationFraction")
    if fraction is not None and not 0 < fraction < 1:
        yield f"DataSplitConfig.ValidationFraction must be greater than 0 and less than 1, got {fraction}."
    validates = any(each.get("ChannelType") == "validation" for each in request["AutoMLJobInputDataConfig"])
    if validates and "DataSplitConfig" in request:
        yield "DataSplitConfig must not be given with a channel of type validation."


def _tabular_problems(request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    if not config.get("TargetAttributeName"):
        yield "TargetAttributeName is required."
    elif config.get("SampleWeightAttributeName") == config["TargetAttributeName"]:
        yield f"SampleWeightAttributeName must not be the target, got '{config['TargetAttributeName']}' for both."
    objective = request.get("AutoMLJobObjective", {}).get("MetricName")
    problem_type = config.get("ProblemType")
    if (objective is None) != (problem_type is None):
        yield "Either both ProblemType and AutoMLJobObjective must be given, or none of them."
    elif problem_type is not None and objective not in AUTOML_METRICS[problem_type]:
        yield (
            f"AutoMLJobObjective.MetricName '{objective}' is none of {problem_type}; "
            f"use one of {', '.join(AUTOML_METRICS[problem_type])}."
        )
    mode = config.get("Mode", "AUTO")
    chosen = [each for part in _algorithms(config) for each in part["AutoMLAlgorithms"]]
    if chosen and mode == "AUTO":
        yield "AlgorithmsConfig must not be given in mode AUTO."
    elif unknown := sorted(set(chosen) - set(AUTOML_ALGORITHMS[mode])):
        known = ", ".join(AUTOML_ALGORITHMS[mode])
        yield f"AutoMLAlgorithms {', '.join(unknown)} are none of mode {mode}; it has {known}."
    elif undone := sorted(set(chosen).intersection(_UNDONE)):
        known = ", ".join(each for each in AUTOML_ALGORITHMS[mode] if each not in _UNDONE)
        yield NotDone(f"AutoMLAlgorithms {', '.join(undone)} are not supported by this emulator; use {known}.")
    if "SampleWeightAttributeName" in config and mode != "ENSEMBLING":
        yield "SampleWeightAttributeName is supported in mode ENSEMBLING only."
    if config.get("GenerateCandidateDefinitionsOnly") and mode == "ENSEMBLING":
        yield "GenerateCandidateDefinitionsOnly is not supported in mode ENSEMBLING."


def _text_problems(request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    objective = request.get("AutoMLJobObjective", {}).get("MetricName", "Accuracy")
    if objective != "Accuracy":
        yield f"AutoMLJobObjective.MetricName '{objective}' is none of text classification; use Accuracy."
    most = config.get("CompletionCriteria", {}).get("MaxCandidates", 1)
    if most != 1:
        yield f"CompletionCriteria.MaxCandidates of text classification must be 1, got {most}."


def _algorithms(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = config.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig", [])
    return found


def algorithms_of(config: Mapping[str, Any]) -> list[str] | None:
    """The algorithms that a request chose; None where it did not."""
    chosen = [each for part in _algorithms(config) for each in part["AutoMLAlgorithms"]]
    return chosen or None


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that there are."""
    return {name: value for name, value in members.items() if value is not None}
