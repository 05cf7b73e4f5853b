"""Refuses training that cannot run, when it is declared. Tokens are never looked at: their values come later."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from aws_cdk import Duration
from constructs import Construct
from sagecraft_catalog import Algorithm, InstanceUse, UnknownInstanceType, check_name

from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.place import check_key_regions, check_prefix, check_region
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_instances, check_number, check_time
from sagecraft_constructs.job.kind import JobKind
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.tokens import is_token

from .props import CODE_CHANNEL, Training

LONGEST_TRAINING_SECONDS: Final = 28 * 24 * 3600
TRAIN_CHANNEL: Final = "train"
"""What each of AWS's own algorithms reads. Source: "Common Information About Built-in Algorithms" in the guide."""
_REQUIREMENTS: Final = "requirements.txt"


def check_training(
    problems: Problems, training: Training, *, kind: JobKind, realization: JobRealization, runtime_prop: str
) -> None:
    """Notes every problem of the props of training, its hyperparameters apart.

    Args:
        problems: Where to.
        training: What is declared.
        kind: Of job that it is declared for.
        realization: How that comes to run.
        runtime_prop: What the job calls the longest that training may take.
    """
    check_instances(
        problems, InstanceUse.TRAINING, training.instance_type, training.instance_count, training.volume_gib
    )
    _check_demands(problems, training)
    check_number(problems, "retry_attempts", training.retry_attempts, 1, 30)
    for prop, given in ((runtime_prop, training.max_runtime), ("max_wait", training.max_wait)):
        check_time(problems, kind, realization, prop, given, maximum_seconds=LONGEST_TRAINING_SECONDS)
    _check_wait(problems, training.max_runtime, training.max_wait, runtime_prop)
    algorithm, max_wait = own_algorithm(training), training.max_wait
    if algorithm is not None and max_wait is not None and not max_wait.is_unresolved():
        for problem in algorithm.check_wait(max_wait.to_seconds(integral=False)):
            problems.add("max_wait", problem)
    _check_source(problems, training)
    _check_channels(problems, own_algorithm(training), training.inputs)
    check_prefix(problems, "output_prefix", training.output.prefix)
    check_prefix(problems, "checkpoints_prefix", training.output.checkpoints_prefix)


def check_regions(problems: Problems, scope: Construct, training: Training) -> None:
    """Notes the buckets and keys of another region than the job's."""
    check_region(problems, scope, "output_bucket", training.output.bucket)
    for each in training.inputs.values():
        check_region(problems, scope, "inputs", each.bucket)
    check_key_regions(problems, scope, output_key=training.output.key, volume_key=training.volume_key)


def check_known(problems: Problems, training: Training) -> None:
    """Refuses tokens for what the job is made of.

    Raises:
        InvalidProps: There was one.
    """
    problems.require_known(
        inputs=training.inputs,
        hyperparameters=training.hyperparameters,
        metric_definitions=training.metric_definitions,
        environment=training.environment,
        source=training.source,
        entry_point=training.entry_point,
    )


def check_hyperparameters(problems: Problems, training: Training) -> None:
    """Notes every problem of the hyperparameters of training on its own."""
    algorithm = own_algorithm(training)
    if algorithm is not None:
        unresolved = [name for name, value in training.hyperparameters.items() if is_token(value)]
        for problem in algorithm.check_hyperparameters(
            training.hyperparameters, unresolved=unresolved, version=training.container.version
        ):
            problems.add("hyperparameters", problem)


def own_algorithm(training: Training) -> Algorithm | None:
    """The built-in algorithm that trains; `None` where the user's script or container does."""
    return training.container.algorithm if training.source is None else None


def _check_demands(problems: Problems, training: Training) -> None:
    """Notes what the algorithm demands of instances, where those are known."""
    algorithm, name, count = own_algorithm(training), training.instance_type.name, training.instance_count
    if algorithm is None or is_token(name) or is_token(count):
        return
    with suppress(UnknownInstanceType):  # told by the check of the instances
        for prop, problem in algorithm.check_instances(instance_type=name, instance_count=count):
            problems.add(prop, problem)


def _check_wait(problems: Problems, max_runtime: Duration, max_wait: Duration | None, runtime_prop: str) -> None:
    if max_wait is None or max_wait.is_unresolved() or max_runtime.is_unresolved():
        return
    if max_wait.to_seconds(integral=False) < max_runtime.to_seconds(integral=False):
        problems.add(
            "max_wait", f"includes the run, so it cannot be shorter than '{runtime_prop}'; make it as long at least."
        )


def _check_source(problems: Problems, training: Training) -> None:
    if training.source is None:
        algorithm = training.container.algorithm
        runs_script = algorithm is not None and not algorithm.hyperparameters
        if algorithm is not None and runs_script and "sagemaker_program" not in training.hyperparameters:
            problems.add(
                "source", f"is needed: {algorithm.name} runs a script of yours. Give the directory that it stands in."
            )
        return
    source = training.source
    if not source.is_dir():
        problems.add("source", f"'{source}' is no directory (looked for it in '{Path.cwd()}').")
    elif not (source / training.entry_point).is_file():
        scripts = ", ".join(sorted(path.name for path in source.glob("*.py")))
        problems.add("entry_point", f"there is no '{training.entry_point}' in '{source}'; it holds: {scripts or '-'}.")
    if CODE_CHANNEL in training.inputs:
        problems.add("inputs", f"the channel '{CODE_CHANNEL}' is the script's own; name yours otherwise.")
    if training.network_isolation is True and (source / _REQUIREMENTS).is_file():
        problems.add(
            "network_isolation",
            f"'{source / _REQUIREMENTS}' is installed from the network; leave 'network_isolation' out, or bring the "
            "packages in the image.",
        )


def _check_channels(problems: Problems, algorithm: Algorithm | None, inputs: Mapping[str, TrainingInput]) -> None:
    if algorithm is not None and algorithm.hyperparameters and TRAIN_CHANNEL not in inputs:
        given = ", ".join(f"'{name}'" for name in inputs) or "none"
        problems.add("inputs", f"{algorithm.name} trains on the channel '{TRAIN_CHANNEL}', got {given}.")
    for name, each in inputs.items():
        with problems.noting("inputs"):
            check_name("ChannelName", name)
        media_type = each.content_type
        if algorithm is None or media_type is None or is_token(media_type) or not algorithm.content_types:
            continue
        if media_type.partition(";")[0].strip() not in algorithm.content_types:
            problems.add(
                "inputs",
                f"content type '{media_type}' of channel '{name}' is none that {algorithm.name} reads; "
                f"it reads {', '.join(algorithm.content_types)}.",
            )
