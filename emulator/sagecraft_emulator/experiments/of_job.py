"""What a trial component tells of the job that it was made of.

Sources: the trial components of a training job in https://github.com/aws/sagemaker-python-sdk
`sagemaker-core/tests/unit/test_codec.py`, of a processing job in the integration tests of
https://github.com/aws/sagemaker-experiments, and of processing and transform jobs in
https://github.com/opendatadiscovery/odd-collector-aws `adapters/sagemaker`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from math import isfinite
from typing import Any, Final, NamedTuple

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Record, RecordKey, Store

Members = Mapping[str, Any]
Values = Iterator[tuple[str, Any]]

MOST_PARAMETERS: Final = 300
MOST_ARTIFACTS: Final = 60
LONGEST_TEXT: Final = 2500
LONGEST_ARTIFACT: Final = 2048
LONGEST_NAME: Final = 320
LONGEST_MESSAGE: Final = 1024
_REASONS: Final = ("ExitMessage", "FailureReason")


class _Told(NamedTuple):
    """How a kind of job is told of.

    Attributes:
        arn_type: The type in the job's ARN; `aws-` before it follows the job's name in that of its component.
        times: What its own times begin with.
        message: What is said of its status, with `FailureReason` and others of its members in it.
        parameters: What it was given.
        inputs: What it read.
        outputs: What it wrote.
    """

    arn_type: str
    times: str
    message: str
    parameters: Callable[[Store, Record], Values]
    inputs: Callable[[Members], Values]
    outputs: Callable[[Members], Values]


def component_name(job: RecordKey) -> str:
    """The name of the component of a job; AWS writes it in lower case."""
    return f"{job.name}-aws-{KINDS[job.kind].arn_type}".lower()


def source(job: Record) -> dict[str, str]:
    """What a component says it was made of."""
    return {"SourceArn": job.arn, "SourceType": f"SageMaker{job.key.kind}"}


def progress(job: Record) -> dict[str, Any]:
    """What of a component follows its job."""
    told, body = KINDS[job.key.kind], job.body
    members = {"Status": job.status, **{name: body.get(name) for name in ("SecondaryStatus", *_REASONS)}}
    message = told.message.format(**{name: "null" if value is None else value for name, value in members.items()})
    outputs = told.outputs(body) if job.status == "Completed" else iter(())
    return {
        "Status": {"PrimaryStatus": job.status, "Message": message[:LONGEST_MESSAGE]},
        "StartTime": body.get(f"{told.times}StartTime"),
        "EndTime": body.get(f"{told.times}EndTime"),
        "OutputArtifacts": dict(_artifacts(outputs)),
    }


def beginning(store: Store, job: Record) -> dict[str, Any]:
    """What a component of a new job has besides."""
    told = KINDS[job.key.kind]
    parameters = [(name, _parameter(value)) for name, value in told.parameters(store, job) if len(name) <= LONGEST_NAME]
    return {"Parameters": dict(parameters[:MOST_PARAMETERS]), "InputArtifacts": dict(_artifacts(told.inputs(job.body)))}


def _parameter(value: Any) -> dict[str, Any]:
    """A number where it can be read as one, as AWS shows hyperparameters."""
    try:
        number = float(value)
    except ValueError:
        return {"StringValue": value[:LONGEST_TEXT]}
    return {"NumberValue": number} if isfinite(number) else {"StringValue": value}


def _artifacts(values: Values) -> list[tuple[str, dict[str, Any]]]:
    named = ((name, uri, media) for name, (uri, media) in values if uri and len(uri) <= LONGEST_ARTIFACT)
    told = [
        (name, {"Value": uri} if media is None else {"MediaType": media, "Value": uri}) for name, uri, media in named
    ]
    return told[:MOST_ARTIFACTS]


def _of_cluster(cluster: Members) -> Values:
    for member in ("InstanceCount", "InstanceType", "VolumeSizeInGB"):
        if member in cluster:
            yield f"SageMaker.{member}", cluster[member]


def _training_parameters(store: Store, job: Record) -> Values:
    del store
    image = job.body["AlgorithmSpecification"].get("TrainingImage")
    if image is not None:
        yield "SageMaker.ImageUri", image
    yield from _of_cluster(job.body["ResourceConfig"])
    yield from job.body.get("HyperParameters", {}).items()


def _training_inputs(body: Members) -> Values:
    for channel in body.get("InputDataConfig", ()):
        uri = channel["DataSource"].get("S3DataSource", {}).get("S3Uri")
        yield channel["ChannelName"], (uri, channel.get("ContentType"))


def _training_outputs(body: Members) -> Values:
    yield "SageMaker.ModelArtifact", (body["ModelArtifacts"]["S3ModelArtifacts"], None)
    yield "SageMaker.DebugHookOutput", (body.get("DebugHookConfig", {}).get("S3OutputPath"), None)


def _processing_parameters(store: Store, job: Record) -> Values:
    del store
    yield from _of_cluster(job.body["ProcessingResources"]["ClusterConfig"])
    yield from job.body.get("Environment", {}).items()


def _processing_inputs(body: Members) -> Values:
    yield "SageMaker.ImageUri", (body["AppSpecification"]["ImageUri"], None)
    for each in body.get("ProcessingInputs", ()):
        yield each["InputName"], (each.get("S3Input", {}).get("S3Uri"), None)


def _processing_outputs(body: Members) -> Values:
    for each in body.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        yield each["OutputName"], (each.get("S3Output", {}).get("S3Uri"), None)


def _transform_parameters(store: Store, job: Record) -> Values:
    yield from _of_cluster(job.body["TransformResources"])
    name = job.body["ModelName"]
    yield "SageMaker.ModelName", name
    with suppress(RecordMissing):
        model = store.get(job.key._replace(kind="Model", name=name)).body
        container: Members = model.get("PrimaryContainer") or next(iter(model.get("Containers", ())), {})
        for told, member in (("DataUrl", "ModelDataUrl"), ("Image", "Image")):
            if member in container:
                yield f"SageMaker.ModelPrimary.{told}", container[member]


def _transform_inputs(body: Members) -> Values:
    given = body["TransformInput"]
    yield "SageMaker.TransformInput", (given["DataSource"]["S3DataSource"]["S3Uri"], given.get("ContentType"))


def _transform_outputs(body: Members) -> Values:
    output = body["TransformOutput"]
    yield "SageMaker.TransformOutput", (output["S3OutputPath"], output.get("Accept"))


KINDS: Final[Mapping[str, _Told]] = {
    "TrainingJob": _Told(
        "training-job",
        "Training",
        "Status: {Status}, secondary status: {SecondaryStatus}, failure reason: {FailureReason}",
        _training_parameters,
        _training_inputs,
        _training_outputs,
    ),
    "ProcessingJob": _Told(
        "processing-job",
        "Processing",
        "Status: {Status}, exit message: {ExitMessage}, failure reason: {FailureReason}",
        _processing_parameters,
        _processing_inputs,
        _processing_outputs,
    ),
    "TransformJob": _Told(
        "transform-job",
        "Transform",
        "Status: {Status}, failure reason: {FailureReason}",
        _transform_parameters,
        _transform_inputs,
        _transform_outputs,
    ),
}
"""The kinds of jobs of which AWS makes components."""
