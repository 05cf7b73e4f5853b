"""The requests of the jobs that an AutoML job consists of."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_catalog import algorithm
from sagecraft_catalog.forecasting import FORECAST_METRICS
from sagecraft_containers.automl.forecasting.definition import MODE as FORECASTING
from sagecraft_containers.automl.problem import METRICS, ProblemType

from .forecasting.request import asked_of_series
from .places import Places
from .request import SERIES, TEXT, algorithms_of, is_forecast, present, problem_of

PROGRAM: Final = "automl"
"""The catalog's name of the image that does all of it."""
INSTANCE_TYPE: Final = "ml.m5.4xlarge"
SERVED_BY: Final = "ml.m5.large"
VOLUME_GIB: Final = 50
_COMMAND: Final = ("python3", "-m", "sagecraft_containers.automl")
_MOST_SECONDS: Final = 432_000
_TRAINED_SHARE: Final = 0.8
"""How much of the time that is left candidates may take; what is left then is for reports."""
MOST_PARALLEL: Final = 10
LATENCY: Final = "InferenceLatency"
MEASURED: Final = tuple(
    dict.fromkeys([*(metric.name for problem in ProblemType for metric in METRICS[problem]), *FORECAST_METRICS])
)
"""The metrics that candidates are told with, of all problems."""
DEFAULT_CANDIDATES: Final = 250
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-quotas.html, of hyperparameter tuning"""


def image_uri(region: str) -> str:
    """AWS's image of Autopilot in a region."""
    return algorithm(PROGRAM).image_uri(algorithm(PROGRAM).versions[-1], region)


def asked(body: Mapping[str, Any], places: Places, columns: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What the program is asked for: its `definition.json`."""
    member, config = problem_of(body)
    channels = body["AutoMLJobInputDataConfig"]
    compressed = [_channel_name(each) for each in channels if each.get("CompressionType") == "Gzip"]
    if member == SERIES:
        return present(
            {
                **asked_of_series(body, config, columns),
                "content_type": channels[0].get("ContentType"),
                "algorithms": algorithms_of(config),
                "seed": seed,
            }
        )
    if member == TEXT:
        columns, target = {"features": [config["ContentColumn"]]}, config["TargetLabelColumn"]
    else:
        target = config["TargetAttributeName"]
    definition = {
        "target": target,
        "problem_type": config.get("ProblemType"),
        "objective": body.get("AutoMLJobObjective", {}).get("MetricName", "Accuracy" if member == TEXT else None),
        "content_type": channels[0].get("ContentType"),
        **columns,
        "weight": config.get("SampleWeightAttributeName"),
        "validation_fraction": body.get("DataSplitConfig", {}).get("ValidationFraction"),
        "algorithms": algorithms_of(config),
        "compressed": compressed or None,
        "prepared": places.prepared,
        "leaderboard": places.leaderboard,
        "seed": seed,
    }
    return present(definition)


def analysis(name: str, body: Mapping[str, Any], places: Places, region: str) -> dict[str, Any]:
    """The processing job that looks at the data, prepares it, and says what is to be tried."""
    inputs = [_input("definition", places.asked)]
    for channel in body["AutoMLJobInputDataConfig"]:
        source = channel["DataSource"]["S3DataSource"]
        inputs.append(_input(_channel_name(channel), source["S3Uri"], source["S3DataType"]))
    outputs = {"prepared": places.prepared, "analysis": places.analysis}
    if not is_forecast(body):
        outputs["notebooks"] = places.notebooks
    return _processing(name, "analyze", inputs, outputs, body, region)


def report(
    name: str, body: Mapping[str, Any], places: Places, region: str, candidate: str, artefacts: str
) -> dict[str, Any]:
    """The processing job that explains a candidate.

    Args:
        name: Of the processing job.
        body: Of the AutoML job.
        places: Of the AutoML job.
        region: Where it runs.
        candidate: The candidate's name.
        artefacts: S3 URI of its `model.tar.gz`.
    """
    inputs = [
        _input("prepared", places.prepared),
        _input("model", artefacts),
        _input("output", f"{artefacts.rpartition('/')[0]}/output.tar.gz"),
    ]
    outputs = {
        "explainability": places.explainability(candidate),
        "model-insights": places.insights(candidate),
        "leaderboard": places.leaderboard,
    }
    if is_forecast(body):
        outputs["backtest"] = places.backtest(candidate)
    return _processing(name, "report", inputs, outputs, body, region)


def ensemble(name: str, body: Mapping[str, Any], places: Places, region: str, seconds_left: float) -> dict[str, Any]:
    """The training job that tries candidates and combines them."""
    criteria = problem_of(body)[1].get("CompletionCriteria", {})
    limits = {
        # Of time series one is asked for, which is all that there are, combined.
        "max_candidates": None if is_forecast(body) else criteria.get("MaxCandidates"),
        "max_runtime_seconds": max(1, int(seconds_left * _TRAINED_SHARE)),
        "max_candidate_runtime_seconds": criteria.get("MaxRuntimePerTrainingJobInSeconds"),
    }
    hyperparameters = {key: str(value) for key, value in limits.items() if value is not None}
    definition = _training(body, places, region)
    definition["AlgorithmSpecification"]["MetricDefinitions"] = metric_definitions()
    return {
        "TrainingJobName": name,
        **definition,
        "HyperParameters": {"mode": FORECASTING if is_forecast(body) else "ensembling", **hyperparameters},
        "StoppingCondition": {"MaxRuntimeInSeconds": _MOST_SECONDS},
    }


def tuning(
    name: str,
    body: Mapping[str, Any],
    places: Places,
    region: str,
    candidates: list[dict[str, Any]],
    objective: tuple[str, bool],
) -> dict[str, Any]:
    """The tuning job that searches the best candidate.

    Args:
        name: Of the tuning job.
        body: Of the AutoML job.
        places: Of the AutoML job.
        region: Where it runs.
        candidates: The algorithms with their ranges, as the analysis has left them.
        objective: The metric, and whether more of it is better.
    """
    criteria = problem_of(body)[1].get("CompletionCriteria", {})
    metric, is_maximized = objective
    definitions = []
    for each in candidates:
        training = _training(body, places, region)
        training["AlgorithmSpecification"]["MetricDefinitions"] = metric_definitions()
        definitions.append(
            {
                "DefinitionName": each["algorithm"],
                **training,
                "StaticHyperParameters": {"mode": "candidate", "algorithm": each["algorithm"]},
                "HyperParameterRanges": _ranges(each["ranges"]),
                "TuningObjective": {
                    "Type": "Maximize" if is_maximized else "Minimize",
                    "MetricName": f"validation:{metric}",
                },
                "StoppingCondition": {
                    "MaxRuntimeInSeconds": criteria.get("MaxRuntimePerTrainingJobInSeconds", _MOST_SECONDS)
                },
            }
        )
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": criteria.get("MaxCandidates", DEFAULT_CANDIDATES),
                "MaxParallelTrainingJobs": min(MOST_PARALLEL, criteria.get("MaxCandidates", DEFAULT_CANDIDATES)),
            },
        },
        "TrainingJobDefinitions": definitions,
    }


def endpoint(name: str, body: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The requests that deploy the best candidate as an endpoint of a name."""
    container = body["BestCandidate"]["InferenceContainers"][0]
    model = {
        "ModelName": name,
        "PrimaryContainer": container,
        "ExecutionRoleArn": body["RoleArn"],
        **_given("VpcConfig", body.get("SecurityConfig", {})),
    }
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": SERVED_BY,
        "InitialInstanceCount": 1,
    }
    return [
        ("CreateModel", model),
        ("CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [variant]}),
        ("CreateEndpoint", {"EndpointName": name, "EndpointConfigName": name}),
    ]


def metric_definitions() -> list[dict[str, str]]:
    """How the metrics of a candidate are found in its log."""
    told = [LATENCY, *(f"{part}:{name}" for part in ("train", "validation") for name in MEASURED)]
    return [{"Name": name, "Regex": f"^{name}=([-+.e\\d]+);$"} for name in told]


def _ranges(ranges: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, one in ranges.items():
        if isinstance(one, list):
            found.setdefault("CategoricalParameterRanges", []).append(
                {"Name": name, "Values": [str(value) for value in one]}
            )
            continue
        whole = isinstance(one["low"], int) and isinstance(one["high"], int)
        found.setdefault("IntegerParameterRanges" if whole else "ContinuousParameterRanges", []).append(
            {
                "Name": name,
                "MinValue": str(one["low"]),
                "MaxValue": str(one["high"]),
                "ScalingType": "Logarithmic" if one["log"] else "Linear",
            }
        )
    return found


def _training(body: Mapping[str, Any], places: Places, region: str) -> dict[str, Any]:
    """What the training job of an ensemble and those of a search have in common."""
    security = body.get("SecurityConfig", {})
    return {
        "AlgorithmSpecification": {"TrainingImage": image_uri(region), "TrainingInputMode": "File"},
        "RoleArn": body["RoleArn"],
        "InputDataConfig": [
            {
                "ChannelName": "prepared",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"{places.prepared}/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": places.training, **_given("KmsKeyId", body["OutputDataConfig"])},
        "ResourceConfig": {
            "InstanceType": INSTANCE_TYPE,
            "InstanceCount": 1,
            "VolumeSizeInGB": VOLUME_GIB,
            **_given("VolumeKmsKeyId", security),
        },
        **_network(security),
    }


def _processing(
    name: str,
    step: str,
    inputs: list[dict[str, Any]],
    outputs: Mapping[str, str],
    body: Mapping[str, Any],
    region: str,
) -> dict[str, Any]:
    security = body.get("SecurityConfig", {})
    return {
        "ProcessingJobName": name,
        "AppSpecification": {
            "ImageUri": image_uri(region),
            "ContainerEntrypoint": [*_COMMAND, f"{step}-series" if is_forecast(body) else step],
        },
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": output,
                    "S3Output": {
                        "S3Uri": uri,
                        "LocalPath": f"/opt/ml/processing/output/{output}",
                        "S3UploadMode": "EndOfJob",
                    },
                }
                for output, uri in outputs.items()
            ],
            **_given("KmsKeyId", body["OutputDataConfig"]),
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": INSTANCE_TYPE,
                "InstanceCount": 1,
                "VolumeSizeInGB": VOLUME_GIB,
                **_given("VolumeKmsKeyId", security),
            }
        },
        "NetworkConfig": _network(security),
        "RoleArn": body["RoleArn"],
    }


def _channel_name(channel: Mapping[str, Any]) -> str:
    name: str = channel.get("ChannelType", "training")
    return name


def _input(name: str, uri: str, data_type: str = "S3Prefix") -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "S3DataType": data_type,
            "LocalPath": f"/opt/ml/processing/input/{name}",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _network(security: Mapping[str, Any]) -> dict[str, Any]:
    """What a `SecurityConfig` says of the network of a job."""
    encrypted = "EnableInterContainerTrafficEncryption"
    return {encrypted: security.get(encrypted, False), **_given("VpcConfig", security)}


def _given(member: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {member: given[member]} if given.get(member) else {}
