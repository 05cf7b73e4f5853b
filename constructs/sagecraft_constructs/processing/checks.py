"""Refuses a processing job that cannot run, when it is declared. Tokens are never looked at."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from aws_cdk import Duration
from sagecraft_catalog import InstanceUse, check_name

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.checks import check_instances, check_time
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.tokens import is_token

from .input import ProcessingInput
from .kind import PROCESSING
from .output import ProcessingOutput

LONGEST_PROCESSING_SECONDS: Final = 777_600
ROOT: Final = "/opt/ml/processing/"
CODE_INPUT: Final = "code"
_MOST_INSTANCES: Final = 100
_LARGEST_VOLUME_GIB: Final = 16_384
_MOST_INPUTS: Final = 10
_MOST_ARGUMENTS: Final = 100
_LONGEST_ARGUMENT: Final = 256


def check_machines(
    problems: Problems,
    instance_type: InstanceType,
    instance_count: int,
    volume_gib: int,
    max_runtime: Duration,
    realization: JobRealization,
) -> None:
    """Notes what is wrong with what a processing job runs on, and for how long."""
    check_instances(
        problems,
        InstanceUse.PROCESSING,
        instance_type,
        instance_count,
        volume_gib,
        most_instances=_MOST_INSTANCES,
        largest_volume_gib=_LARGEST_VOLUME_GIB,
    )
    check_time(
        problems, PROCESSING, realization, "max_runtime", max_runtime, maximum_seconds=LONGEST_PROCESSING_SECONDS
    )


def check_program(
    problems: Problems, script: Path | None, entry_point: Sequence[str], arguments: Sequence[str]
) -> None:
    """Notes what is wrong with what a processing job runs."""
    if script is not None:
        if not script.is_file():
            problems.add("script", f"'{script}' is no file (looked for it in '{Path.cwd()}').")
        if entry_point:
            problems.add("entry_point", "a 'script' is run by Python; leave one of the two out.")
    for prop, words in (("entry_point", entry_point), ("arguments", arguments)):
        if len(words) > _MOST_ARGUMENTS:
            problems.add(prop, f"should be at most {_MOST_ARGUMENTS} words, got {len(words)}.")
        for word in words:
            if not is_token(word) and len(word) > _LONGEST_ARGUMENT:
                problems.add(prop, f"'{word[:20]}…' has {len(word)} characters; at most {_LONGEST_ARGUMENT} are taken.")


def check_data(
    problems: Problems,
    inputs: Mapping[str, ProcessingInput],
    outputs: Mapping[str, ProcessingOutput],
    *,
    has_script: bool,
) -> None:
    """Notes what is wrong with what a processing job reads and leaves."""
    most = _MOST_INPUTS - 1 if has_script else _MOST_INPUTS
    if len(inputs) > most:
        beside = " beside the script" if has_script else ""
        problems.add("inputs", f"should be at most {most}{beside}, got {len(inputs)}.")
    if len(outputs) > _MOST_INPUTS:
        problems.add("outputs", f"should be at most {_MOST_INPUTS}, got {len(outputs)}.")
    if has_script and CODE_INPUT in inputs:
        problems.add("inputs", f"the input '{CODE_INPUT}' is the script's own; name yours otherwise.")
    paths = [*((name, "inputs", each.path(name)) for name, each in inputs.items())]
    paths += [*((name, "outputs", each.path(name)) for name, each in outputs.items())]
    seen: dict[str, str] = {}
    for name, prop, path in paths:
        with problems.noting(prop):
            check_name("ChannelName", name)
        if is_token(path):
            continue
        if not path.startswith(ROOT):
            problems.add(prop, f"{name}: '{path}' is outside of {ROOT}, the one place for data; put it below.")
        if path in seen:
            problems.add(prop, f"{name}: '{path}' is that of '{seen[path]}' already; give each its own 'local_path'.")
        seen[path] = name
    for name, each in inputs.items():
        if each.source.input_mode == "FastFile":
            problems.add("inputs", f"{name}: a processing job has no input mode 'FastFile'; use 'File' or 'Pipe'.")
