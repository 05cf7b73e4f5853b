"""An engine of a new account, and Service Quotas as one asks it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog.quota.quota import quotas
from sagecraft_emulator.api.json_service import JsonService
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.engine import Engine
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.quotas.limits import quota_code
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.jobs.test_instant import CALLER, IMAGE, ROLE, TRAINING, AnyRole

__all__ = ["CALLER", "IMAGE", "ROLE", "LimitedEngine", "ask", "ask_service", "code_of", "grant"]

SPOT = "ml.m5.large"
MEDIUM = "ml.t2.medium"


class LimitedEngine(Engine):
    """An engine of a new account, in which jobs are over at once."""

    def __init__(self, directory: Path) -> None:
        work = directory / "work"
        work.mkdir(exist_ok=True)
        clients = Clients("http://127.0.0.1:9")
        self.database = directory / "database"
        host = AnyRole(clients)
        super().__init__(self.database, work, clients, lambda _: None, "instant", host=host, quotas="new-account")

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.service.call(operation, request, CALLER)

    def refused(self, operation: str, **request: Any) -> str:
        with pytest.raises(ApiError) as raised:
            self.call(operation, **request)
        assert raised.value.code == "ResourceLimitExceeded"
        assert raised.value.http_status == 400
        return raised.value.message

    def train(self, name: str, *, spot: bool = True, count: int = 1, kind: str = SPOT) -> dict[str, Any]:
        resources = {"InstanceType": kind, "InstanceCount": count, "VolumeSizeInGB": 1}
        stopping = {"MaxRuntimeInSeconds": 60, **({"MaxWaitTimeInSeconds": 60} if spot else {})}
        return {
            **TRAINING,
            "TrainingJobName": name,
            "ResourceConfig": resources,
            "EnableManagedSpotTraining": spot,
            "StoppingCondition": stopping,
        }

    def works(self, name: str, count: int, region: str = CALLER.region) -> RecordKey:
        """A training job on spot instances that works for as long as the test wants it to."""
        key = RecordKey("TrainingJob", CALLER.account, region, name)
        body = self.train(name, count=count)
        self.store.create(key, arn=f"arn:{region}:{name}", status="InProgress", body=body)
        return key

    def config(self, name: str, count: int = 1, kind: str = MEDIUM) -> str:
        variant = {"VariantName": "All", "ModelName": "model", "InstanceType": kind, "InitialInstanceCount": count}
        self.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant])
        return name


def ask_service(service: JsonService, operation: str, **request: Any) -> dict[str, Any]:
    """The members of an answer, whether it is an error or not."""
    headers = {"x-amz-target": f"ServiceQuotasV20190624.{operation}"}
    answer: dict[str, Any] = json.loads(service.handle(headers, json.dumps(request).encode(), CALLER).body)
    return answer


def ask(engine: LimitedEngine, operation: str, **request: Any) -> dict[str, Any]:
    return ask_service(engine.quotas, operation, **request)


def code_of(name: str) -> str:
    return quota_code(quotas()[name])


def grant(engine: LimitedEngine, name: str, value: int) -> None:
    """More of a quota, as a user asks for it."""
    request = {"ServiceCode": "sagemaker", "QuotaCode": code_of(name), "DesiredValue": value}
    assert ask(engine, "RequestServiceQuotaIncrease", **request)["RequestedQuota"]["Status"] == "APPROVED"
