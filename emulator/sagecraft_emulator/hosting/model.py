"""Models: containers with their data, or model packages, ready to be hosted."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.data.model_data import ModelData
from sagecraft_emulator.errors import RecordMissing, not_done, validation_error
from sagecraft_emulator.registry.model_package import ModelPackageKind
from sagecraft_emulator.state.store import Record, RecordKey, Store
from sagecraft_emulator.surroundings.images import OF_MODELS
from sagecraft_emulator.surroundings.surroundings import Surroundings

UNSUPPORTED: Final = ("AdditionalModelDataSources", "MultiModelConfig")
RESOLVED: Final = "_Container"
"""The member of a model's record that has the container of its package, as it was when the model was made."""
_OF_PACKAGE: Final = ("Image", "ModelDataUrl", "ModelDataSource")
_TAKEN: Final = (*_OF_PACKAGE, "ContainerHostname")


class ModelKind(ResourceKind):
    """`CreateModel` and its siblings.

    Args:
        store: Where records are.
        packages: What models may be made from. Left out, they are only looked up.
        surroundings: What a request may name outside of SageMaker. Left out, nothing need be there.
    """

    kind, arn_type, spoken, plural, list_member = "Model", "model", "model", "Models", "Models"
    searched_as = "Model"

    def __init__(
        self, store: Store, packages: ModelPackageKind | None = None, surroundings: Surroundings | None = None
    ) -> None:
        super().__init__(store)
        self._packages, self._surroundings = packages, surroundings

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a model.

        Raises:
            ApiError: No container, both forms of container, or containers that the emulator cannot host.
        """
        primary, containers = request.get("PrimaryContainer"), request.get("Containers", [])
        if (primary is None) == (not containers):
            raise validation_error("Exactly one of PrimaryContainer and Containers must be given.")
        if len(containers) > 1:
            raise not_done(f"Containers has {len(containers)} containers; this emulator hosts models of one container.")
        container = containers[0] if primary is None else primary
        for member in UNSUPPORTED:
            if container.get(member):
                raise not_done(f"{member} is not supported by this emulator; leave it out.")
        resolved: dict[str, Any] = {}
        if "ModelPackageName" in container and self._packages is not None:
            container = _container_of_package(self._packages, caller, container)
            resolved = {RESOLVED: container}
        elif "InferenceSpecificationName" in container:
            raise validation_error("InferenceSpecificationName is of a model package; give its ModelPackageName too.")
        if "Image" not in container:
            raise validation_error("The container must name its Image.")
        if container.get("Mode") == "MultiModel":
            raise not_done("Mode 'MultiModel' is not supported by this emulator; use 'SingleModel'.")
        if self._surroundings is not None:
            _look(self._surroundings, caller, container, request.get("ExecutionRoleArn"))
        return super().create(caller, {**request, **resolved})

    def searched(self, record: Record) -> dict[str, Any]:
        """What `Search` finds a model by, and answers: it and the endpoints that serve it."""
        model = super().searched(record)
        return {"Model": model, "Endpoints": list(self._endpoints(record.key))}

    def _endpoints(self, model: RecordKey) -> Iterator[dict[str, Any]]:
        for endpoint in self.store.each("Endpoint", model.account, model.region):
            with suppress(RecordMissing):
                config_name = endpoint.body["EndpointConfigName"]
                config = self.store.get(endpoint.key._replace(kind="EndpointConfig", name=config_name))
                if any(variant.get("ModelName") == model.name for variant in config.body["ProductionVariants"]):
                    yield {
                        "EndpointName": endpoint.key.name,
                        "EndpointArn": endpoint.arn,
                        "EndpointStatus": endpoint.status,
                        "CreationTime": endpoint.created,
                        "LastModifiedTime": endpoint.modified,
                    }


def _look(surroundings: Surroundings, caller: Caller, container: Mapping[str, Any], role_arn: str | None) -> None:
    """Refuses an image or model data that AWS would."""
    access = container.get("ImageConfig", {}).get("RepositoryAccessMode")
    surroundings.images.require(caller, container["Image"], role_arn, OF_MODELS, is_private=access == "Vpc")
    data = ModelData.of_container(container)
    if data is not None:
        surroundings.objects.require_model_data(caller, role_arn, data)


def served_container(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """The container that serves a model, by its record."""
    container: Mapping[str, Any] = model.get(RESOLVED) or model.get("PrimaryContainer") or model["Containers"][0]
    return container


def _container_of_package(
    packages: ModelPackageKind, caller: Caller, container: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The container that a `ContainerDefinition` means which names a model package.

    Raises:
        ApiError: The package is not there, is not approved, has no such specification or several containers, or the
            definition says itself what the package says.
    """
    for member in _OF_PACKAGE:
        if member in container:
            raise validation_error(f"A container has either ModelPackageName or {member}, not both.")
    package = packages.deployable(caller, container["ModelPackageName"])
    given = _specification(package, container.get("InferenceSpecificationName"))
    containers = given["Containers"]
    if len(containers) > 1:
        raise not_done(
            f"ModelPackage {package['ModelPackageArn']} has {len(containers)} containers; this emulator hosts models "
            "of one container."
        )
    taken = {member: containers[0][member] for member in _TAKEN if member in containers[0]}
    environment = {**containers[0].get("Environment", {}), **container.get("Environment", {})}
    return {**taken, **container, "Environment": environment}


def _specification(package: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """The specification of a package that a model names, or its first."""
    additional: dict[str | None, Mapping[str, Any]] = {
        each["Name"]: each for each in package.get("AdditionalInferenceSpecifications", [])
    }
    if name is None and "InferenceSpecification" in package:
        specification: Mapping[str, Any] = package["InferenceSpecification"]
        return specification
    if name in additional:
        return additional[name]
    arn = package["ModelPackageArn"]
    if name is None:
        raise validation_error(f"ModelPackage {arn} has no InferenceSpecification, so that it cannot be served.")
    known = f"It has {', '.join(map(str, additional))}." if additional else "It has none."
    raise validation_error(f"ModelPackage {arn} has no additional inference specification '{name}'. {known}")
