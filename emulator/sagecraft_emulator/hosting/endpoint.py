"""Endpoints: models that answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, InvalidTransition, RecordMissing, not_done, validation_error
from sagecraft_emulator.quotas.takes import Takes
from sagecraft_emulator.state.store import Record, Store

from .endpoint_config import EndpointConfigKind
from .protocol import Endpoints

if TYPE_CHECKING:
    from sagecraft_catalog.quota.demand import Demand, Demands

IN_PROGRESS: Final = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
WHILE_IN_PROGRESS: Final = "_WhileInProgress"
"""A member of the emulator's own in a request to delete."""


class EndpointKind(ResourceKind):
    """`CreateEndpoint` and its siblings."""

    case_sensitive = False
    kind, arn_type, spoken = "Endpoint", "endpoint", "endpoint"
    plural = list_member = "Endpoints"
    searched_as = "Endpoint"

    def __init__(self, store: Store, endpoints: Endpoints) -> None:
        super().__init__(store)
        self._endpoints = endpoints
        self._configs = EndpointConfigKind(store)

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "UpdateEndpoint": self.update,
            "UpdateEndpointWeightsAndCapacities": self.update_weights_and_capacities,
        }

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to bring an endpoint into service.

        Raises:
            ApiError: The configuration does not exist, or the name is taken.
        """
        config_name = request["EndpointConfigName"]
        self._configs.record(caller, config_name)
        _refuse_deployment_config(request)
        record = self.add(caller, request, status="Creating", body={"_TargetConfigName": config_name})
        self._endpoints.deploy(record.key)
        return {"EndpointArn": record.arn}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to move an endpoint to another configuration; it answers all the while.

        Raises:
            ApiError: There is no such endpoint or configuration, or the endpoint is not in service.
        """
        record = self.record(caller, request["EndpointName"])
        config_name = request["EndpointConfigName"]
        self._configs.record(caller, config_name)
        _refuse_deployment_config(request)
        if request.get("RetainAllVariantProperties"):
            raise not_done(
                "RetainAllVariantProperties is not supported by this emulator; leave it out: an update takes weights "
                "and instance counts from the new endpoint configuration."
            )
        _require_in_service(record)
        if config_name == record.body["EndpointConfigName"]:
            raise validation_error(
                f'Cannot update endpoint "{record.arn}" to its present endpoint configuration "{config_name}".'
            )
        body = {"_TargetConfigName": config_name, "FailureReason": None}
        try:
            self.store.update(record.key, status="Updating", body=body, present_status="InService")
        except InvalidTransition:
            raise _in_progress(self.record(caller, record.key.name)) from None
        self._endpoints.deploy(record.key)
        return {"EndpointArn": record.arn}

    def update_weights_and_capacities(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes the share of traffic of an endpoint's variants.

        Raises:
            ApiError: No such endpoint or variant, it is not in service, another instance count is asked for, or no
                variant would have any traffic.
        """
        record = self.record(caller, request["EndpointName"])
        _require_in_service(record)
        variants = {variant["VariantName"]: variant for variant in record.body["ProductionVariants"]}
        weights = {name: variant["CurrentWeight"] for name, variant in variants.items()}
        for desired in request["DesiredWeightsAndCapacities"]:
            name = desired["VariantName"]
            if name not in variants:
                raise validation_error(f"The endpoint has no variant '{name}'. It has: {', '.join(sorted(variants))}.")
            count = variants[name]["CurrentInstanceCount"]
            if desired.get("DesiredInstanceCount", count) != count:
                raise not_done(
                    f"DesiredInstanceCount of variant '{name}' cannot be changed in place here: it is {count}. "
                    "Use UpdateEndpoint with another endpoint configuration."
                )
            weights[name] = desired.get("DesiredWeight", weights[name])
        if not any(weights.values()):
            raise validation_error("At least one production variant must have a DesiredWeight above 0.")
        try:
            self._endpoints.set_weights(record.key, weights)
        except InvalidTransition:
            raise _in_progress(self.record(caller, record.key.name)) from None
        return {"EndpointArn": record.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to stop an endpoint.

        Raises:
            ApiError: There is none of that name, or it is being brought up or changed; CloudFormation stops it even
                then, when it takes a stack back.
        """
        record = self.record(caller, request["EndpointName"])
        if record.status in IN_PROGRESS and WHILE_IN_PROGRESS not in request:
            raise _in_progress(record)
        while record.status != "Deleting":
            try:
                self.store.update(record.key, status="Deleting", present_status=record.status)
            except InvalidTransition:  # it changed in this moment
                record = self.record(caller, record.key.name)
            else:
                self._endpoints.delete(record.key)
                break
        return {}


def _require_in_service(record: Record) -> None:
    if record.status != "InService":
        raise _in_progress(record)


def _in_progress(record: Record) -> ApiError:
    if record.status in {*IN_PROGRESS, "Deleting"}:
        return validation_error(f'Cannot update in-progress endpoint "{record.arn}".')
    return validation_error(f'Cannot update endpoint "{record.arn}": it is {record.status}, not InService.')


def _refuse_deployment_config(request: Mapping[str, Any]) -> None:
    if request.get("DeploymentConfig"):
        raise not_done(
            "DeploymentConfig is not supported by this emulator; leave it out: an update swaps all instances at once, "
            "after the new ones answer."
        )


_ACTIVE: Final = frozenset({"Creating", "InService", "Updating", "SystemUpdating", "RollingBack"})


def _asked(store: Store, endpoint: Record) -> "Demands":
    """The instances of its configuration; while it is moved to another, those of both, which run side by side.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    # The start of an emulator takes less without these, which few emulators need.
    from sagecraft_catalog.charge.span import ONE  # noqa: PLC0415
    from sagecraft_catalog.quota.demand import known_request, together, variants  # noqa: PLC0415

    names = {endpoint.body[member] for member in ("EndpointConfigName", "_TargetConfigName") if member in endpoint.body}
    found: list[Demand] = []
    for name in sorted(names):
        try:
            config = store.get(endpoint.key._replace(kind="EndpointConfig", name=name)).body
        except RecordMissing:  # it may be deleted while its endpoint is there
            continue
        listed = known_request(config).get("ProductionVariants").members()
        found += variants((each, each.get("InitialInstanceCount").span(ONE)) for each in listed)
    return together(found)


ENDPOINT_TAKES: Final = Takes(asked=_asked, statuses=_ACTIVE)
