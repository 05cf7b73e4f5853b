"""`execute="instant"`: jobs are complete and endpoints in service at once, and nothing runs.

For tests of wiring, where it matters that a job is asked for and not what comes of it. Every record says so: by the tag
`sagecraft:execute`, and in words wherever its kind has a member for them. Nothing is read and nothing is written, so
`S3ModelArtifacts` names the place where a run would have left the model, with no object there; no metric has a value,
and a tuning job has launched no training job and has no best one.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.errors import ApiError
from sagecraft_emulator.hosting.invocation import Headers, InvocationResponse, refusal
from sagecraft_emulator.state.store import Record, RecordKey, Store
from sagecraft_emulator.training.output import model_uri

from .record import TrainingJobRecord, job_record

TAG: Final = "sagecraft:execute"
INSTANT: Final = "instant"
MESSAGE: Final = (
    "Completed without running: the emulator's execute is 'instant'. Nothing was read or written, and there is no "
    "model, output or metric."
)


class InstantJobs:
    """Completes jobs of every kind as they are created.

    Args:
        store: Where their records are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, key: RecordKey) -> None:
        """Completes the job of a record that is `InProgress`."""
        record = self._store.get(key)
        _mark(self._store, record)
        now = time.time()
        match key.kind:
            case "TrainingJob":
                TrainingJobRecord(self._store, key).move(
                    "Completed",
                    status="Completed",
                    message=MESSAGE,
                    TrainingStartTime=now,
                    TrainingEndTime=now,
                    TrainingTimeInSeconds=0,
                    BillableTimeInSeconds=0,
                    ModelArtifacts={"S3ModelArtifacts": model_uri(key.name, record.body["OutputDataConfig"])},
                )
            case "ProcessingJob":
                job_record(self._store, key).end("Completed", ProcessingStartTime=now, ExitMessage=MESSAGE)
            case "TransformJob":
                job_record(self._store, key).end("Completed", TransformStartTime=now)
            case _:
                job_record(self._store, key).end("Completed")

    def stop(self, key: RecordKey) -> None:
        """Ends a job that an emulator which runs jobs has left `Stopping`."""
        job_record(self._store, key).end("Stopped")


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
        _mark(self._store, record)
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

    async def invoke(self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes) -> InvocationResponse:
        """Refuses an `InvokeEndpoint`: there is no model that could answer."""
        del headers, body
        return refusal(
            ApiError(
                "ValidationError",
                f"Endpoint {endpoint_name} of account {caller.account} cannot be invoked: this emulator's execute is "
                "'instant', so no model runs behind it. Start the emulator with execute 'real'.",
            )
        )


def _mark(store: Store, record: Record) -> None:
    store.set_tags(record.arn, {TAG: INSTANT})


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    weight, count = float(variant["InitialVariantWeight"]), variant["InitialInstanceCount"]
    return {
        "VariantName": variant["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }
