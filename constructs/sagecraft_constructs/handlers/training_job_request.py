"""Gives a request its types back: CloudFormation hands every number and boolean to a custom resource as a string."""

from collections.abc import Mapping
from typing import Any, Final

INTEGERS: Final = frozenset(
    {
        "InstanceCount",
        "KeepAlivePeriodInSeconds",
        "MaxPendingTimeInSeconds",
        "MaxRuntimeInSeconds",
        "MaxWaitTimeInSeconds",
        "MaximumRetryAttempts",
        "VolumeSizeInGB",
    }
)
BOOLEANS: Final = frozenset(
    {
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
        "EnableNetworkIsolation",
        "EnableSageMakerMetricsTimeSeries",
    }
)
# Maps whose keys the user chooses: a hyperparameter may be called anything, and stays a string.
_STRING_MAPS: Final = frozenset({"Environment", "HyperParameters"})


def typed_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request with numbers and booleans where `CreateTrainingJob` wants them.

    Raises:
        ValueError: A value is neither, naming the member.
    """
    return {member: _typed(member, value) for member, value in request.items()}


def _typed(member: str, value: Any) -> Any:
    if member in _STRING_MAPS:
        return value
    if isinstance(value, Mapping):
        return typed_request(value)
    if isinstance(value, list):
        return [typed_request(each) if isinstance(each, Mapping) else each for each in value]
    if member in INTEGERS:
        try:
            return int(value)
        except ValueError:
            raise ValueError(f"{member}: '{value}' is not a whole number.") from None
    if member in BOOLEANS:
        match str(value).lower():
            case "true":
                return True
            case "false":
                return False
            case _:
                raise ValueError(f"{member}: '{value}' is neither 'true' nor 'false'.")
    return value
