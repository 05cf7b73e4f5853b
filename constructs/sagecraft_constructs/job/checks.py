"""Refuses what no job of any kind can be declared with. Tokens are never looked at: their values come later."""

import math
import re
from typing import Final

from aws_cdk import Duration
from sagecraft_catalog import InstanceUse

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.tokens import is_token

from .kind import JobKind
from .realization import JobRealization

# What the provider waits for, less the time that instances take to start and results to upload.
LONGEST_DEPLOYED_SECONDS: Final = 45 * 60


def check_name_prefix(problems: Problems, kind: JobKind, name_prefix: str) -> None:
    """Notes what is wrong with a name prefix."""
    if is_token(name_prefix):
        problems.add("name_prefix", "is a token, but permissions are held to it; give it as plain text.")
        return
    if len(name_prefix) > kind.name_prefix_length:
        problems.add(
            "name_prefix",
            f"'{name_prefix}' has {len(name_prefix)} characters; at most {kind.name_prefix_length} leave room for the "
            f"hash in a {kind.name}Name.",
        )
    elif re.fullmatch(kind.name_pattern, name_prefix) is None:
        problems.add(
            "name_prefix",
            f"{kind.name}Name '{name_prefix}' does not match {kind.name_pattern}: use letters, digits and '-', and "
            "begin and end with a letter or digit.",
        )
    if name_prefix != name_prefix.lower():
        problems.add("name_prefix", f"'{name_prefix}' has capitals, which SageMaker drops in ARNs; use lower case.")


def check_number(
    problems: Problems, prop: str, value: float | None, minimum: float = -math.inf, maximum: float = math.inf
) -> None:
    """Notes a number that is too small or too large, or is none that can be written."""
    if value is None or is_token(value):
        return
    if not minimum <= value <= maximum or math.isinf(value):
        wanted = f"{minimum:.10g} to {maximum:.10g}" if math.isfinite(maximum) else f"at least {minimum:.10g}"
        wanted = wanted if math.isfinite(minimum) else "a finite number"
        problems.add(prop, f"should be {wanted}, got {value:.10g}.")


def check_instances(
    problems: Problems,
    use: InstanceUse,
    instance_type: InstanceType,
    instance_count: int,
    volume_gib: int | None,
    *,
    most_instances: float = math.inf,
    largest_volume_gib: float = math.inf,
) -> None:
    """Notes what is wrong with the machines of a job."""
    with problems.noting("instance_type"):
        instance_type.check(use)
    check_number(problems, "instance_count", instance_count, 1, most_instances)
    check_number(problems, "volume_gib", volume_gib, 1, largest_volume_gib)


def check_seconds(problems: Problems, prop: str, given: Duration) -> bool:
    """Whether the seconds of a duration are known; notes a token of another unit, which cannot become seconds."""
    if given.is_unresolved() and given.unit_label() != "seconds":
        problems.add(prop, f"is a token of {given.unit_label()}, which are none; give Duration.seconds of the token.")
    return not given.is_unresolved()


def is_several(count: int) -> bool:
    """Whether there may be more than one of something that work has a number of."""
    return is_token(count) or count > 1


def check_time(
    problems: Problems,
    kind: JobKind,
    realization: JobRealization,
    prop: str,
    given: Duration | None,
    *,
    minimum_seconds: int = 1,
    maximum_seconds: int,
) -> None:
    """Notes a time that SageMaker refuses, or that a deployment cannot wait for.

    Args:
        problems: Where to.
        kind: Of job.
        realization: How it comes to run.
        prop: What is given.
        given: The time; `None` is fine.
        minimum_seconds: The shortest that SageMaker takes.
        maximum_seconds: The longest that SageMaker takes.
    """
    if given is None or not check_seconds(problems, prop, given):
        return
    seconds = given.to_seconds(integral=False)
    if seconds < minimum_seconds or seconds != int(seconds):
        problems.add(prop, f"should be whole seconds and at least {minimum_seconds}, got {seconds:.10g} seconds.")
    if realization is JobRealization.DEPLOY and seconds > LONGEST_DEPLOYED_SECONDS:
        problems.add(
            prop,
            f"{seconds:.10g} seconds are longer than a deployment can wait: at most {LONGEST_DEPLOYED_SECONDS} "
            "(45 minutes) leave time for instances to start and results to upload. Run a longer job by hand "
            "(realization=JobRealization.BY_HAND, then 'sagecraft run') or as a step of a Pipeline "
            "(realization=JobRealization.PIPELINE_STEP)"
            + (", and give the Model its artefact with ModelData.from_bucket." if kind.leaves_model else "."),
        )
    elif seconds > maximum_seconds:
        problems.add(prop, f"{seconds:.10g} seconds are more than SageMaker takes: at most {maximum_seconds}.")
