"""Refuses a transform job that cannot run, when it is declared. Tokens are never looked at: their values come later."""

from typing import Final

from sagecraft_catalog import Algorithm, InstanceUse

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.checks import check_instances, check_number, check_seconds
from sagecraft_constructs.tokens import is_token

from .records import BatchStrategy, DataProcessing, SplitType
from .request import TransformJobDefinition

LARGEST_PAYLOAD_MB: Final = 100
_DEFAULT_PAYLOAD_MB: Final = 6
_LONGEST_INVOCATION_SECONDS: Final = 3600
_MOST_VARIABLES: Final = 16
_LONGEST_FILTER: Final = 63
_FILTERED_TYPES: Final = ("text/csv", "application/json", "application/jsonlines")


def check_transform(problems: Problems, definition: TransformJobDefinition, instance_type: InstanceType) -> None:
    """Notes every problem of a transform job's props, its name apart."""
    problems.require_known(environment=definition.environment)
    check_instances(problems, InstanceUse.TRANSFORM, instance_type, definition.instance_count, None)
    check_number(problems, "max_payload_mb", definition.max_payload_mb, 0, LARGEST_PAYLOAD_MB)
    check_number(problems, "max_concurrent_transforms", definition.max_concurrent_transforms, 1)
    check_number(problems, "invocation_retries", definition.invocation_retries, 0, 3)
    timeout = definition.invocation_timeout
    if timeout is not None and check_seconds(problems, "invocation_timeout", timeout):
        seconds = timeout.to_seconds(integral=False)
        check_number(problems, "invocation_timeout (seconds)", seconds, 1, _LONGEST_INVOCATION_SECONDS)
    if len(definition.environment) > _MOST_VARIABLES:
        problems.add(
            "environment", f"should be at most {_MOST_VARIABLES} variables, got {len(definition.environment)}."
        )
    _check_requests(problems, definition)
    if definition.input.input_mode != "File" or definition.input.distribution != "FullyReplicated":
        problems.add("input", "a transform job has neither 'input_mode' nor 'distribution'; leave them out.")
    if definition.data_processing is not None:
        _check_data_processing(problems, definition, definition.data_processing)


def check_answers(problems: Problems, definition: TransformJobDefinition, algorithm: Algorithm) -> None:
    """Notes answers of AWS's own algorithm that are not one for each record, as joined or filtered ones have to be."""
    processing, read = definition.data_processing, definition.input.content_type
    if processing is None or read is None or not algorithm.answer_types:
        return
    if (
        not (processing.join_input or _selects(processing.output_filter))
        or is_token(read)
        or is_token(definition.accept)
    ):
        return
    if _base(read) not in algorithm.answer_types:
        problems.add(
            "input",
            f"{algorithm.name} does not answer in '{read}', as what is joined or filtered has to be; give records of "
            "'application/jsonlines', and 'accept' the same.",
        )
    elif definition.accept is None:
        problems.add(
            "accept",
            f"is needed: {algorithm.name} answers one JSON object for all records of a request; give '{_base(read)}'.",
        )


def _check_requests(problems: Problems, definition: TransformJobDefinition) -> None:
    if definition.batch_strategy is BatchStrategy.MULTI_RECORD and definition.split_type is SplitType.NONE:
        problems.add(
            "batch_strategy",
            "MultiRecord needs records: set 'split_type' to Line, RecordIO or TFRecord, or leave it out.",
        )
    concurrent = definition.max_concurrent_transforms
    payload = _DEFAULT_PAYLOAD_MB if definition.max_payload_mb is None else definition.max_payload_mb
    if concurrent is None or is_token(concurrent) or is_token(payload):
        return
    if concurrent * payload > LARGEST_PAYLOAD_MB:
        problems.add(
            "max_concurrent_transforms",
            f"{concurrent} times the {payload} MB of 'max_payload_mb' are {concurrent * payload} MB; "
            f"at most {LARGEST_PAYLOAD_MB} MB can be under way at once. Lower either.",
        )


def _check_data_processing(problems: Problems, definition: TransformJobDefinition, processing: DataProcessing) -> None:
    for name, path in (("input_filter", processing.input_filter), ("output_filter", processing.output_filter)):
        if path is None or is_token(path):
            continue
        if not path.startswith("$"):
            problems.add("data_processing", f"{name}: '{path}' is no JSONPath; it begins with '$', as '$[1:]' does.")
        if len(path) > _LONGEST_FILTER:
            problems.add(
                "data_processing", f"{name}: '{path}' has {len(path)} characters; at most {_LONGEST_FILTER} are taken."
            )
    read = definition.input.content_type
    if read is None:
        problems.add("input", f"its content_type is needed with 'data_processing': {', '.join(_FILTERED_TYPES)}.")
    elif not is_token(read) and _base(read) not in _FILTERED_TYPES:
        problems.add("input", f"'{read}' cannot be filtered or joined; {', '.join(_FILTERED_TYPES)} can.")
    if processing.join_input:
        _check_join(problems, definition, read, definition.accept)


def _check_join(problems: Problems, definition: TransformJobDefinition, read: str | None, accept: str | None) -> None:
    known = read is not None and accept is not None and not is_token(read) and not is_token(accept)
    if known and _base(str(read)) != _base(str(accept)):
        problems.add("accept", f"'{accept}' cannot be joined to '{read}'; to join, both must be the same.")
    if definition.assemble_lines and definition.split_type is not SplitType.LINE:
        problems.add("assemble_lines", "joined records stand on lines only where the 'split_type' is Line.")


def _selects(path: str | None) -> bool:
    """Whether a filter is known to be one: `$` is all of a record."""
    return path is not None and not is_token(path) and path != "$"


def _base(media_type: str) -> str:
    return media_type.partition(";")[0].strip()
