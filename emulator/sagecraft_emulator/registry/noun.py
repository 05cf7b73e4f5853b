"""What the emulator is told of the model registry."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record, Store

from .algorithm import AlgorithmKind
from .kinds import model_packages
from .model_package import UPDATED, ModelPackageKind
from .model_package_group import ModelPackageGroupKind
from .named import named
from .resource_types import RESOURCE_TYPES

_AT_ONCE: Final = States({CREATED: {"Completed"}, "Completed": ()})


def _make(means: Means) -> Made:
    store = means.store
    return Made(kinds=[ModelPackageGroupKind(store), model_packages(means), AlgorithmKind(store)])


def _updated_fields(record: Record) -> Mapping[str, Any]:
    """What an event says besides of a change: the members that it was of, as events of AWS do."""
    return {"UpdatedModelPackageFields": record.body[UPDATED]} if UPDATED in record.body else {}


def _current_keys(store: Store, request: Mapping[str, Any], caller: Caller) -> Mapping[str, object]:
    """The condition keys of the model package that a request is on, as it is.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    """
    given = request.get("ModelPackageArn", request.get("ModelPackageName"))
    if not isinstance(given, str):
        return {}
    found = named(caller, ModelPackageKind.arn_type, given)
    body = store.members(found.owner.arn(ModelPackageKind.arn_type, found.name))
    stage = body.get("ModelLifeCycle", {})
    metadata = body.get("CustomerMetadataProperties", {})
    return {
        **{
            f"sagemaker:currentmodellifecycle{member}".lower(): stage[member]
            for member in ("Stage", "StageStatus")
            if member in stage
        },
        **{f"sagemaker:currentcustomermetadataproperties/{key}".lower(): value for key, value in metadata.items()},
    }


REGISTRY: Final = Noun(
    make=_make,
    states={"ModelPackage": _AT_ONCE, "Algorithm": _AT_ONCE},
    events=(
        StateChange(kind="ModelPackage", detail_type="SageMaker Model Package State Change", more=_updated_fields),
    ),
    resource_types=RESOURCE_TYPES,
    known_keys=_current_keys,
    shown=("ModelPackageGroup", "ModelPackage"),
)
