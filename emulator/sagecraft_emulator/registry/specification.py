"""What a model package is served with: its containers, as they are given or as an algorithm has them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.data.model_data import ModelData
from sagecraft_emulator.errors import validation_error
from sagecraft_emulator.surroundings.images import OF_MODELS
from sagecraft_emulator.surroundings.surroundings import Surroundings

from .algorithm import AlgorithmKind
from .named import named

MOST_ADDITIONAL: Final = 15
_OF_UNVERSIONED: Final = (
    "SupportedTransformInstanceTypes",
    "SupportedRealtimeInferenceInstanceTypes",
    "SupportedContentTypes",
    "SupportedResponseMIMETypes",
)
"""What the API reference requires of the specification of a package that is no version in a group."""
_OF_ARTEFACT: Final = ("ModelDataUrl", "ModelDataSource", "ModelDataETag")


def inference_specification(
    algorithms: AlgorithmKind, caller: Caller, request: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The specification of a request; of an algorithm it is the algorithm's, with the artefact. None without either.

    Raises:
        ApiError: There are both, the algorithm is not there, or it has no specification.
    """
    given, source = request.get("InferenceSpecification"), request.get("SourceAlgorithmSpecification")
    if given is not None and source is not None:
        raise validation_error(
            "Both InferenceSpecification and SourceAlgorithmSpecification are provided in the input; give one of them."
        )
    if source is None:
        return given
    algorithm, artefact = _algorithm(algorithms, caller, source["SourceAlgorithms"][0])
    containers = [{**each, **artefact} for each in algorithm["Containers"]]
    return {**algorithm, "Containers": containers}


def specification_problems(specification: Mapping[str, Any], *, versioned: bool) -> Iterator[str]:
    """What is wrong with a specification; one sentence each."""
    if not versioned:
        for member in _OF_UNVERSIONED:
            if not specification.get(member):
                yield f"InferenceSpecification must have {member} where there is no ModelPackageGroupName."
    for container in specification["Containers"]:
        if "Image" not in container:
            yield "Every container of a model package must have an Image."
        if container.get("Environment") and not versioned:
            # Source: aws-samples/amazon-sagemaker-cross-account-model-registry copy scripts, which quote it
            yield "Environment variable map cannot be specified when using non-versioned ModelPackages"
        if "ModelDataUrl" in container and "ModelDataSource" in container:
            yield "A container has either ModelDataUrl or ModelDataSource, not both."


def check_additional(specifications: Sequence[Mapping[str, Any]]) -> None:
    """Refuses specifications that have a name twice, or are too many.

    Raises:
        ApiError: They do, or are.
    """
    names = [each["Name"] for each in specifications]
    if len(names) > MOST_ADDITIONAL:
        raise validation_error(
            f"A model package has at most {MOST_ADDITIONAL} AdditionalInferenceSpecifications; it would have "
            f"{len(names)}."
        )
    for name in names:
        if names.count(name) > 1:
            raise validation_error(f"AdditionalInferenceSpecifications must have different names, got '{name}' twice.")


def look(surroundings: Surroundings, caller: Caller, specification: Mapping[str, Any]) -> None:
    """Refuses an image or an artefact that is not there."""
    for container in specification["Containers"]:
        surroundings.images.require(caller, container["Image"], None, OF_MODELS)
        data = ModelData.of_container(container)
        if data is not None:
            surroundings.objects.require_model_data(caller, None, data)


def _algorithm(
    algorithms: AlgorithmKind, caller: Caller, source: Mapping[str, Any]
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The specification of an algorithm, and where the artefact is that it has made."""
    found = named(caller, algorithms.arn_type, source["AlgorithmName"])
    record = algorithms.record(found.owner, found.name)
    specification = record.body.get("InferenceSpecification")
    if specification is None:
        raise validation_error(
            f"Algorithm {record.arn} has no InferenceSpecification, so that its models cannot be served."
        )
    artefact = {member: source[member] for member in _OF_ARTEFACT if member in source}
    if not artefact:
        raise validation_error(f"The SourceAlgorithm {record.arn} must have a ModelDataUrl or a ModelDataSource.")
    return specification, artefact
