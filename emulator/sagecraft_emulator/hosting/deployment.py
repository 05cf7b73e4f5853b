"""An endpoint configuration that is brought up: the instances of all its variants, and the route to them."""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sagecraft_catalog import CatalogError, instance_size

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.data.model_data import ModelData
from sagecraft_emulator.errors import EmulatorError, RecordMissing
from sagecraft_emulator.state.store import RecordKey, Store

from .instance import STOP_GRACE_SECONDS, HostedInstance, ServingProgram
from .invocation import LOG_GROUP
from .model import served_container
from .route import Route, VariantRoute

STARTUP_SECONDS: Final = 8 * 60.0
WORKERS_VARIABLE: Final = "SAGEMAKER_MODEL_SERVER_WORKERS"


class DeploymentFailed(EmulatorError):
    """The configuration cannot be brought up; the message becomes the endpoint's `FailureReason`."""


@dataclass
class DeployedVariant:
    """The instances of a production variant that is up.

    Attributes:
        name: The variant.
        image: The image that its model names.
        instances: Its processes.
    """

    name: str
    image: str
    instances: list[HostedInstance]


@dataclass
class Deployment:
    """An endpoint configuration that is up.

    Attributes:
        config_name: The endpoint configuration.
        variants: Its variants.
        route: Where requests go; replaced when weights change.
        resolved: Epoch seconds at which the images were looked up.
    """

    config_name: str
    variants: list[DeployedVariant]
    route: Route
    resolved: float

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Changes the share of traffic of some variants."""
        self.route = replace(self.route, weights={**self.route.weights, **weights})

    def members(self) -> list[dict[str, Any]]:
        """The `ProductionVariants` of the Describe answer."""
        return [
            {
                "VariantName": variant.name,
                "DeployedImages": [{"SpecifiedImage": variant.image, "ResolutionTime": self.resolved}],
                "CurrentWeight": self.route.weights[variant.name],
                "DesiredWeight": self.route.weights[variant.name],
                "CurrentInstanceCount": len(variant.instances),
                "DesiredInstanceCount": len(variant.instances),
            }
            for variant in self.variants
        ]

    def drain(self) -> None:
        """Waits until the requests in flight are answered; no new ones come in any more."""
        for instance in _instances(self.variants):
            instance.drain()

    def stop(self) -> None:
        """Ends all processes."""
        _stop_all(_instances(self.variants))


class Deployer:
    """Brings endpoint configurations up.

    Args:
        store: Where the records are.
        machine: What containers share.
        images: Finds the program of an image.
    """

    def __init__(self, store: Store, machine: Machine, images: ImageRegistry) -> None:
        self._store, self._machine, self._images = store, machine, images

    def directory(self, key: RecordKey) -> Path:
        """Where the instances of an endpoint have their directories."""
        return self._machine.work_dir / "endpoints" / f"{key.account}-{key.region}-{key.name}"

    def bring_up(self, key: RecordKey, config_name: str, cancelled: Callable[[], bool]) -> Deployment:
        """Starts everything that an endpoint configuration asks for, and waits until all of it answers `/ping`.

        Raises:
            EmulatorError: It does not come up; nothing of it is left running. The message is for the user.
            Cancelled: `cancelled` came true meanwhile.
        """
        config = self._body(key, "EndpointConfig", config_name)
        variants: list[DeployedVariant] = []
        try:
            for variant in config["ProductionVariants"]:
                variants.append(self._variant(key, variant, cancelled))  # noqa: PERF401 - what was made must be undone
            instances = _instances(variants)
            for instance in instances:
                instance.start()
            with ThreadPoolExecutor(len(instances)) as pool:
                list(pool.map(HostedInstance.wait_until_ready, instances))
        except BaseException:
            _stop_all(_instances(variants), grace_seconds=0)
            raise
        for instance in instances:
            instance.keep_running()
        routes = {
            variant.name: VariantRoute(variant.name, [each.route for each in variant.instances]) for variant in variants
        }
        weights = {each["VariantName"]: float(each["InitialVariantWeight"]) for each in config["ProductionVariants"]}
        return Deployment(config_name, variants, Route(routes, weights), time.time())

    def _variant(self, key: RecordKey, variant: Mapping[str, Any], cancelled: Callable[[], bool]) -> DeployedVariant:
        model = self._body(key, "Model", variant["ModelName"])
        container = served_container(model)
        role_arn = model.get("ExecutionRoleArn")
        machine = self._machine.as_role(key, role_arn)
        program = self._images.of_model(container)
        if program.serve is None:
            raise DeploymentFailed(
                f"The local program of '{container['Image']}' has no command to serve. Register one: sagecraft images "
                f"register {container['Image']} --serve COMMAND."
            )

        def environment() -> dict[str, str]:
            return {
                **machine.environment(key, role_arn),
                WORKERS_VARIABLE: str(_workers(variant["InstanceType"])),
                **container.get("Environment", {}),
            }

        serving = ServingProgram(
            key,
            f"production variant {variant['VariantName']}",
            f"{LOG_GROUP}{key.name}",
            lambda instance_id: f"{variant['VariantName']}/{instance_id}",
            program,
            program.serve,
            environment,
            variant.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_SECONDS),
        )
        directory = self.directory(key)
        instances = [
            HostedInstance(machine, serving, directory, cancelled) for _ in range(variant["InitialInstanceCount"])
        ]
        data = ModelData.of_container(container)
        if data is not None:
            try:
                s3 = machine.clients.s3(key.account, key.region)
                data.place(s3, directory, [instance.model_directory for instance in instances])
            except BaseException:
                _stop_all(instances, grace_seconds=0)
                raise
        return DeployedVariant(variant["VariantName"], container["Image"], instances)

    def _body(self, key: RecordKey, kind: str, name: str) -> dict[str, Any]:
        try:
            return self._store.get(key._replace(kind=kind, name=name)).body
        except RecordMissing as error:
            raise DeploymentFailed(f"The {kind} '{name}' of the endpoint was deleted.") from error


def _workers(instance_type: str) -> int:
    """As many server processes as the instance would have vCPUs, and no more than this machine has."""
    cores = os.cpu_count() or 1
    try:
        return max(1, min(cores, instance_size(instance_type).vcpus))
    except CatalogError:
        return cores


def _instances(variants: list[DeployedVariant]) -> list[HostedInstance]:
    return [instance for variant in variants for instance in variant.instances]


def _stop_all(instances: list[HostedInstance], grace_seconds: float = STOP_GRACE_SECONDS) -> None:
    if instances:
        with ThreadPoolExecutor(len(instances)) as pool:
            list(pool.map(lambda instance: instance.stop(grace_seconds), instances))
