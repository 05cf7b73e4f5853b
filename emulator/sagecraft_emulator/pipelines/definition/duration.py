"""Durations of ISO 8601, as `CacheConfig` has them.

AWS takes them without their `P` and `T`, too: notebooks of https://github.com/aws/amazon-sagemaker-examples have `30d`
(`sm-pipelines_lambda_step.ipynb`) and `T12H` (`sm-pipelines_selective_execution.ipynb`).
"""

import re
from typing import Final

_DURATION: Final = re.compile(
    r"P?(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T?(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
)
_SECONDS: Final = {
    "years": 31_536_000,
    "months": 2_592_000,
    "weeks": 604_800,
    "days": 86_400,
    "hours": 3600,
    "minutes": 60,
    "seconds": 1,
}


def seconds_of(duration: str) -> int | None:
    """The seconds of a duration; None for what is none. A month is 30 days, a year 365.

    Units may be small letters, as AWS has them.
    """
    match = _DURATION.fullmatch(duration)
    if match is None or not any(match.groups()):
        return None
    return sum(int(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count is not None)
