"""Endpoints under `execute="instant"`: in service at once, with nothing behind them."""

from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.jobs.instant import mark_instant
from sagecraft_emulator.state.store import RecordKey, Store

from .invocation import Answer, Headers, refusal


class InstantEndpoints:
    """Brings endpoints into service without a process behind them, and refuses to invoke them.

    Args:
        store: Where their records are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def deploy(self, key: RecordKey) -> None:
        """Brings an endpoint that is `Creating` or `Updating` to its `_TargetConfigName`."""
        record = self._store.get(key)
        mark_instant(self._store, record)
        name = record.body["_TargetConfigName"]
        config = self._store.get(key._replace(kind="EndpointConfig", name=name)).body
        variants = [_variant(each) for each in config["ProductionVariants"]]
        body = {"EndpointConfigName": name, "ProductionVariants": variants, "_TargetConfigName": None}
        self._store.update(key, status="InService", body={**body, "FailureReason": None})

    def delete(self, key: RecordKey) -> None:
        """Removes the record of an endpoint that is `Deleting`."""
        self._store.delete(key)

    def set_weights(self, key: RecordKey, weights: Mapping[str, float]) -> None:
        """Changes how traffic would be shared between the variants of an endpoint.

        Raises:
            InvalidTransition: It is not in service.
        """
        record = self._store.update(key, status="Updating", present_status="InService")
        variants = []
        for each in record.body["ProductionVariants"]:
            weight = weights.get(each["VariantName"], each["CurrentWeight"])
            variants.append({**each, "CurrentWeight": weight, "DesiredWeight": weight})
        self._store.update(key, status="InService", body={"ProductionVariants": variants})

    def begin_invocation(
        self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes, answer: Answer
    ) -> None:
        """Refuses an `InvokeEndpoint`: there is no model that could answer."""
        del headers, body
        message = (
            f"Endpoint {endpoint_name} of account {caller.account} cannot be invoked: this emulator's execute is "
            "'instant', so no model runs behind it. Start the emulator with execute 'real'."
        )
        answer(refusal(ApiError("ValidationError", message)))


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    weight, count = float(variant["InitialVariantWeight"]), variant["InitialInstanceCount"]
    return {
        "VariantName": variant["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }
