"""Batch transform jobs: their requests and records."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import NotDone, RecordMissing
from sagecraft_emulator.jobs.kind import JobKind
from sagecraft_emulator.state.store import RecordKey
from sagecraft_emulator.surroundings.surroundings import Surroundings

from .data_processing import FORMATS, parse_path

DATA_TYPES: Final = ("ManifestFile", "S3Prefix")
MAX_PAYLOAD_MB: Final = 100
"""Of one request, and of all that are made at once."""


class TransformJobKind(JobKind):
    """`CreateTransformJob` and its siblings."""

    kind, arn_type, spoken = "TransformJob", "transform-job", "transform job"
    plural, list_member = "TransformJobs", "TransformJobSummaries"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name; SageMaker keeps transform jobs for ever."""
        return {name: done for name, done in super().operations().items() if name != "DeleteTransformJob"}

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        name = request["ModelName"]
        try:
            self.store.get(RecordKey("Model", caller.account, caller.region, name))
        except RecordMissing:
            yield f'Could not find model "{caller.arn("model", name)}".'
        data_type = request["TransformInput"]["DataSource"]["S3DataSource"]["S3DataType"]
        if data_type not in DATA_TYPES:
            yield NotDone(
                f"S3DataType '{data_type}' is not supported by this emulator in transform jobs; use "
                f"{' or '.join(DATA_TYPES)}."
            )
        if "DataCaptureConfig" in request:
            yield NotDone("DataCaptureConfig is not supported by this emulator; leave it out.")
        yield from _payload_problems(request)
        yield from _processing_problems(request)

    def look(self, surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
        """Refuses input or output that AWS would; a transform job reads and writes as its model's role."""
        model = self.store.get(RecordKey("Model", caller.account, caller.region, request["ModelName"]))
        source = request["TransformInput"]["DataSource"]["S3DataSource"]
        surroundings.objects.require_input(caller, model.body.get("ExecutionRoleArn"), source["S3Uri"])
        surroundings.objects.require_region(caller, request["TransformOutput"]["S3OutputPath"])

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        source = {"CompressionType": "None", "SplitType": "None", **request["TransformInput"]}
        output = {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]}
        processing = {
            "InputFilter": "$",
            "OutputFilter": "$",
            "JoinSource": "None",
            **request.get("DataProcessing", {}),
        }
        return {"TransformInput": source, "TransformOutput": output, "DataProcessing": processing}


def _payload_problems(request: Mapping[str, Any]) -> Iterator[str]:
    payload, concurrent = request.get("MaxPayloadInMB"), request.get("MaxConcurrentTransforms") or 1
    if payload is None:
        return
    if payload > MAX_PAYLOAD_MB:
        yield f"MaxPayloadInMB is {payload}; it must be at most {MAX_PAYLOAD_MB}."
    elif payload * concurrent > MAX_PAYLOAD_MB:
        yield (
            f"MaxConcurrentTransforms * MaxPayloadInMB is {concurrent} * {payload} = {payload * concurrent}; "
            f"it must be at most {MAX_PAYLOAD_MB}."
        )


def _processing_problems(request: Mapping[str, Any]) -> Iterator[str]:
    from jsonpath_ng.exceptions import JSONPathError  # noqa: PLC0415 - slow to import

    processing = request.get("DataProcessing", {})
    for member in ("InputFilter", "OutputFilter"):
        path = processing.get(member, "$")
        try:
            parse_path(path)
        except (JSONPathError, ValueError) as error:
            yield f"DataProcessing.{member} is '{path}', which is no JSONPath that SageMaker takes: {error}."
    content_type = request["TransformInput"].get("ContentType", "")
    if processing and content_type.partition(";")[0] not in FORMATS:
        yield (
            f"TransformInput.ContentType is '{content_type}'; with DataProcessing it must be one of "
            f"{', '.join(sorted(FORMATS))}."
        )
    if processing.get("JoinSource", "None") == "Input":
        yield from _join_problems(content_type, request)


def _join_problems(content_type: str, request: Mapping[str, Any]) -> Iterator[str]:
    accept = request["TransformOutput"].get("Accept", content_type)
    if accept.partition(";")[0] != content_type.partition(";")[0]:
        yield (
            f"To join, TransformOutput.Accept must be the ContentType of the input, '{content_type}'; it is '{accept}'."
        )
    split = request["TransformInput"].get("SplitType", "None")
    if request["TransformOutput"].get("AssembleWith", "None") == "Line" and split != "Line":
        yield f"To join with AssembleWith 'Line', TransformInput.SplitType must be 'Line'; it is '{split}'."
