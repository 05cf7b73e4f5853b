"""As which roles models are hosted."""

from typing import Any

from sagecraft_emulator.authorization.passed_roles import passed_roles
from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Record, Store


def roles_of_model(store: Store, user: Record, name: str | None) -> list[str]:
    """The roles of a model; none where it is no longer there.

    Args:
        store: Where it is.
        user: The record that names it, of the same account and region.
        name: The model's.
    """
    return list(passed_roles(_body(store, user, "Model", name)))


def roles_of_endpoint(store: Store, endpoint: Record) -> list[str]:
    """The roles of the models behind an endpoint."""
    config = _body(store, endpoint, "EndpointConfig", endpoint.body.get("EndpointConfigName"))
    models = [variant.get("ModelName") for variant in config.get("ProductionVariants", [])]
    return [arn for model in models for arn in roles_of_model(store, endpoint, model)]


def _body(store: Store, beside: Record, kind: str, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    try:
        return store.get(beside.key._replace(kind=kind, name=name)).body
    except RecordMissing:
        return {}
