"""Refuses a training job that cannot run, when it is declared. Tokens are never looked at: their values come later."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, Token
from sagecraft_catalog import Algorithm, InstanceUse, check_name

from .errors import Problems
from .instance_type import InstanceType
from .training_input import TrainingInput

# What the provider waits for, less the time that instances take to start and artefacts to upload.
LONGEST_RUNTIME: Final = Duration.minutes(45)
# 63 characters of a job's name, less the hash, the attempt and their hyphens.
NAME_PREFIX_LENGTH: Final = 49

HyperparameterValue = str | int | float | bool


def check_training_job(
    problems: Problems,
    *,
    algorithm: Algorithm | None,
    name_prefix: str,
    hyperparameters: Mapping[str, HyperparameterValue],
    inputs: Mapping[str, TrainingInput],
    instance_type: InstanceType,
    instance_count: int,
    volume_gib: int,
    max_runtime: Duration,
    max_wait: Duration | None,
) -> None:
    """Notes every problem of a training job's props."""
    _check_name_prefix(problems, name_prefix)
    with problems.noting("instance_type"):
        instance_type.check(InstanceUse.TRAINING)
    for prop, value in (("instance_count", instance_count), ("volume_gib", volume_gib)):
        if not Token.is_unresolved(value) and value < 1:
            problems.add(prop, f"should be at least 1, got {value}.")
    _check_times(problems, max_runtime, max_wait)
    if algorithm is not None:
        unresolved = [name for name, value in hyperparameters.items() if Token.is_unresolved(value)]
        for problem in algorithm.check_hyperparameters(hyperparameters, unresolved=unresolved):
            problems.add("hyperparameters", problem)
    _check_inputs(problems, algorithm, inputs)


def _check_name_prefix(problems: Problems, name_prefix: str) -> None:
    if Token.is_unresolved(name_prefix):
        problems.add("name_prefix", "is a token, but permissions are held to it; give it as plain text.")
        return
    with problems.noting("name_prefix"):
        check_name("TrainingJobName", name_prefix)
    if len(name_prefix) > NAME_PREFIX_LENGTH:
        problems.add(
            "name_prefix",
            f"'{name_prefix}' has {len(name_prefix)} characters; at most {NAME_PREFIX_LENGTH} leave room for the hash.",
        )
    if name_prefix != name_prefix.lower():
        problems.add("name_prefix", f"'{name_prefix}' has capitals, which SageMaker drops in ARNs; use lower case.")


def _check_times(problems: Problems, max_runtime: Duration, max_wait: Duration | None) -> None:
    for prop, given in (("max_runtime", max_runtime), ("max_wait", max_wait)):
        if given is None or given.is_unresolved():
            continue
        seconds = given.to_seconds(integral=False)
        if seconds < 1 or seconds != int(seconds):
            problems.add(prop, f"should be whole seconds and at least 1, got {seconds:g} seconds.")
        if seconds > LONGEST_RUNTIME.to_seconds():
            problems.add(
                prop,
                f"{seconds:g} seconds are longer than a deployment can wait: at most "
                f"{LONGEST_RUNTIME.to_seconds():g} (45 minutes) leave time for instances to start and artefacts to "
                "upload. Run a longer job outside of the deployment (SageMaker's CreateTrainingJob, or a pipeline that "
                "calls it), and give the Model its artefact with ModelData.from_bucket.",
            )
    if (
        max_wait is not None
        and not max_wait.is_unresolved()
        and not max_runtime.is_unresolved()
        and max_wait.to_seconds(integral=False) < max_runtime.to_seconds(integral=False)
    ):
        problems.add(
            "max_wait", "includes the run, so it cannot be shorter than 'max_runtime'; make it as long at least."
        )


def _check_inputs(problems: Problems, algorithm: Algorithm | None, inputs: Mapping[str, TrainingInput]) -> None:
    for name, each in inputs.items():
        with problems.noting("inputs"):
            check_name("ChannelName", name)
        media_type = each.content_type
        if algorithm is None or media_type is None or Token.is_unresolved(media_type) or not algorithm.content_types:
            continue
        if media_type.partition(";")[0].strip() not in algorithm.content_types:
            problems.add(
                "inputs",
                f"content type '{media_type}' of channel '{name}' is none that {algorithm.name} reads; "
                f"it reads {', '.join(algorithm.content_types)}.",
            )
