"""By which names a role is known: its own, that of the work that it does, and the construct that declares it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.errors import RecordMissing
from sagecraft_emulator.state.store import Record, Store

from .passed_roles import passed_roles

KINDS: Final = (
    "TrainingJob",
    "HyperParameterTuningJob",
    "ProcessingJob",
    "TransformJob",
    "Model",
    "Endpoint",
    "NotebookInstance",
)


def role_names(
    roles: Mapping[str, str | None], functions: Mapping[str, str], store: Store
) -> dict[str, tuple[str, ...]]:
    """The ARNs of the roles that each name means.

    Args:
        roles: The path of the construct that declares each role, by ARN.
        functions: The role of each Lambda function, by the function's name.
        store: SageMaker's records.
    """
    names: dict[str, dict[str, None]] = defaultdict(dict)

    def add(name: str, *arns: str) -> None:
        names[name].update(dict.fromkeys(arn for arn in arns if arn in roles))

    for arn, construct in roles.items():
        add(arn, arn)
        add(arn.rpartition("/")[2], arn)
        parts = [] if construct is None else construct.split("/")
        for end in range(1, len(parts) + 1):
            add("/".join(parts[:end]), arn)
            add(parts[end - 1], arn)
    for function, arn in functions.items():
        add(function, arn)
    for kind in KINDS:
        for record in store.find(kind):
            add(record.key.name, *_roles_of(record, store))
    return {name: tuple(arns) for name, arns in names.items() if arns}


def _roles_of(record: Record, store: Store) -> list[str]:
    """The roles that the work of a record is done as."""
    match record.key.kind:
        case "Endpoint":
            config = _body(store, record, "EndpointConfig", record.body.get("EndpointConfigName"))
            models = [each.get("ModelName") for each in config.get("ProductionVariants", [])]
            return [arn for model in models for arn in passed_roles(_body(store, record, "Model", model))]
        case "TransformJob":
            return list(passed_roles(_body(store, record, "Model", record.body.get("ModelName"))))
        case _:
            return list(passed_roles(record.body))


def _body(store: Store, beside: Record, kind: str, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    try:
        return store.get(beside.key._replace(kind=kind, name=name)).body
    except RecordMissing:
        return {}
