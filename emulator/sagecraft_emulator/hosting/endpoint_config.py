"""Endpoint configurations: which models an endpoint hosts, on what, with what share of the traffic."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.errors import not_done, validation_error

from .model import ModelKind

UNSUPPORTED = ("AsyncInferenceConfig", "DataCaptureConfig", "ExplainerConfig", "ShadowProductionVariants")
UNSUPPORTED_OF_VARIANT = ("ServerlessConfig", "CapacityReservationConfig", "ManagedInstanceScaling")


class EndpointConfigKind(ResourceKind):
    """`CreateEndpointConfig` and its siblings."""

    kind, arn_type, spoken = "EndpointConfig", "endpoint-config", "endpoint configuration"
    plural = list_member = "EndpointConfigs"

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds an endpoint configuration.

        Raises:
            ApiError: A model that there is not, two variants of one name, no traffic, or what cannot be run here.
        """
        variants = request["ProductionVariants"]
        models = ModelKind(self.store)
        names = [variant["VariantName"] for variant in variants]
        if len(set(names)) != len(names):
            raise validation_error(f"Production variants must have different names, got: {', '.join(names)}.")
        for member in UNSUPPORTED:
            if request.get(member):
                raise not_done(f"{member} is not supported by this emulator; leave it out.")
        for variant in variants:
            for member in UNSUPPORTED_OF_VARIANT:
                if variant.get(member):
                    raise not_done(
                        f"{member} of variant '{variant['VariantName']}' is not supported by this emulator; leave it "
                        "out."
                    )
            if "ModelName" not in variant or "InstanceType" not in variant:
                raise validation_error(f"Variant '{variant['VariantName']}' must name its ModelName and InstanceType.")
            models.record(caller, variant["ModelName"])
            variant.setdefault("InitialInstanceCount", 1)
            variant.setdefault("InitialVariantWeight", 1.0)
        if not sum(variant["InitialVariantWeight"] for variant in variants):
            raise validation_error("At least one production variant must have an InitialVariantWeight above 0.")
        return super().create(caller, request)
