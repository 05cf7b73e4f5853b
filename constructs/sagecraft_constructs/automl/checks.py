"""Refuses what no AutoML job can be declared with. Tokens are never looked at: their values come later."""

from typing import Final

from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_number, check_time
from sagecraft_constructs.job.realization import JobRealization

from .kind import AUTOML
from .request import CSV, PARQUET, AutoMLJobDefinition

_LONGEST_SECONDS: Final = 30 * 24 * 3600
_UNCAPPED: Final = (
    "is needed, because without it nothing but AWS's own limits ends the job: 750 candidates, or 30 days. On instances "
    "of SageMaker's choice they cost, at one ml.m5.4xlarge for $0.922 an hour (us-east-1, 2026-09-24), $664."
)
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-quotas.html, and AWS's price list"""


def check_caps(problems: Problems, **caps: object) -> None:
    """Notes the limits that are left out, each of which an AutoML job needs.

    Raises:
        InvalidProps: One is, so that nothing else can be looked at.
    """
    left_out = [prop for prop, cap in caps.items() if cap is None]
    for prop in left_out:
        problems.add(prop, _UNCAPPED)
    if left_out:
        raise problems.error()


def check_limits(problems: Problems, definition: AutoMLJobDefinition, realization: JobRealization) -> None:
    """Notes numbers and times that SageMaker refuses, or that a deployment cannot wait for."""
    check_number(problems, "max_candidates", definition.max_candidates, 1, definition.problem.most_candidates)
    check_number(problems, "validation_fraction", definition.validation_fraction, 0.01, 0.99)
    for prop, given in (
        ("max_runtime", definition.max_runtime),
        ("max_candidate_runtime", definition.max_candidate_runtime),
    ):
        check_time(problems, AUTOML, realization, prop, given, maximum_seconds=_LONGEST_SECONDS)


def check_data(problems: Problems, definition: AutoMLJobDefinition) -> None:
    """Notes data that SageMaker does not read."""
    problem = definition.problem
    channels = {"training": definition.training, "validation": definition.validation}
    for prop, channel in channels.items():
        if channel is None:
            continue
        if channel.content_type not in (None, CSV, PARQUET):
            problems.add(prop, f"SageMaker reads {CSV} or {PARQUET}, got '{channel.content_type}'.")
        if channel.compression != "None" and not problem.takes_gzip:
            problems.add(prop, "SageMaker reads compressed data of tables alone; give it uncompressed.")
        if channel.input_mode != "File" or channel.distribution != "FullyReplicated":
            problems.add(prop, "'input_mode' and 'distribution' are SageMaker's own choice; leave them out.")
    if not problem.takes_validation:
        for prop, given in (
            ("validation", definition.validation),
            ("validation_fraction", definition.validation_fraction),
        ):
            if given is not None:
                problems.add(prop, "SageMaker itself splits time series, by time; leave it out.")
    elif definition.validation is not None:
        _check_validation(problems, definition, definition.validation)


def _check_validation(problems: Problems, definition: AutoMLJobDefinition, validation: TrainingInput) -> None:
    if validation.content_type != definition.training.content_type:
        problems.add("validation", "has another content type than 'training'; SageMaker wants the same.")
    if definition.validation_fraction is not None:
        problems.add("validation_fraction", "is of no use with 'validation', which is there already; give one of them.")
