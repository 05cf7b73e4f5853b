"""The control plane behind a loopback server, with boto3 clients to it and work that does what a test says."""

import json
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.credential import read_caller
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.hosting.endpoint import EndpointKind
from sagecraft_emulator.jobs.scheduler import Scheduler
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made
from sagecraft_emulator.state.store import Record, RecordKey, Store
from sagecraft_emulator.tuning.kind import HyperParameterTuningJobKind

from tests.clients import client

ACCOUNT, REGION = "000000000000", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/image:1"


class _Front(ThreadingHTTPServer):
    """A loopback server, which control planes have one after the other, so that the clients to it are made once."""

    _free: ClassVar[list["_Front"]] = []
    service: SageMakerService

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @classmethod
    def of(cls, service: SageMakerService) -> "_Front":
        """One that nobody has at present."""
        front = cls._free.pop() if cls._free else cls()
        front.service = service
        return front

    def give_back(self) -> None:
        self._free.append(self)


class _Handler(BaseHTTPRequestHandler):
    server: _Front

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.service.handle(headers, body, read_caller(headers.get("authorization", "")))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


class RecordingTrainingJobs:
    """Remembers what it is asked for; a test ends the jobs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.started: list[str] = []
        self.stopped: list[str] = []

    def start(self, key: RecordKey) -> None:
        self.started.append(key.name)

    def stop(self, key: RecordKey) -> None:
        self.stopped.append(key.name)

    def end(self, name: str, status: str) -> None:
        key = RecordKey("TrainingJob", ACCOUNT, REGION, name)
        self._store.update(key, status=status, body={"SecondaryStatus": status})


class ImmediateEndpoints:
    """Brings endpoints up at once, or, as a test says, when it is told to or not at all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.waits = False
        self.failure_reason: str | None = None

    def deploy(self, key: RecordKey) -> None:
        if not self.waits:
            self.finish(key.name)

    def finish(self, name: str) -> None:
        key = RecordKey("Endpoint", ACCOUNT, REGION, name)
        record = self._store.get(key)
        if self.failure_reason is not None:
            status = "Failed" if record.status == "Creating" else "InService"
            body: dict[str, Any] = {"FailureReason": self.failure_reason, "_TargetConfigName": None}
            self._store.update(key, status=status, body=body)
            return
        config_name = record.body["_TargetConfigName"]
        config = self._store.get(key._replace(kind="EndpointConfig", name=config_name)).body
        variants = [
            {
                "VariantName": variant["VariantName"],
                "CurrentWeight": variant["InitialVariantWeight"],
                "DesiredWeight": variant["InitialVariantWeight"],
                "CurrentInstanceCount": variant["InitialInstanceCount"],
                "DesiredInstanceCount": variant["InitialInstanceCount"],
            }
            for variant in config["ProductionVariants"]
        ]
        body = {"EndpointConfigName": config_name, "ProductionVariants": variants, "_TargetConfigName": None}
        self._store.update(key, status="InService", body=body)

    def delete(self, key: RecordKey) -> None:
        self._store.delete(key)

    def set_weights(self, key: RecordKey, weights: Mapping[str, float]) -> None:
        variants = [
            {**variant, "CurrentWeight": weight, "DesiredWeight": weight}
            for variant in self._store.get(key).body["ProductionVariants"]
            for weight in [weights.get(variant["VariantName"], variant["CurrentWeight"])]
        ]
        self._store.update(key, body={"ProductionVariants": variants})


class ControlPlane:
    """SageMaker's control plane on a free port of 127.0.0.1."""

    def __init__(self, database: Path) -> None:
        self.store = Store(database, NOUNS.states)
        self.training_jobs = RecordingTrainingJobs(self.store)
        self.tuning_jobs = RecordingTrainingJobs(self.store)
        self.endpoints = ImmediateEndpoints(self.store)
        kinds = self._kinds(database.parent / "work")
        self.service = SageMakerService(self.store, kinds, [check for made in self._made for check in made.checks])
        self.caller = Caller(ACCOUNT, REGION)
        self._front = _Front.of(self.service)
        self.client = self.client_of(ACCOUNT, REGION)

    def _kinds(self, work_dir: Path) -> list[ResourceKind]:
        """Those of all nouns, with what a test looks at behind them."""
        means = Means(
            store=self.store,
            machine=Machine(Clients("http://127.0.0.1:9"), work_dir),
            images=ImageRegistry(self.store),
            scheduler=Scheduler(),
            jobs=self.training_jobs,
            call=self._call,
            on_metric=lambda listener: None,
            execute="instant",
            surroundings=None,
        )
        self._made = NOUNS.make(means)
        kinds = {kind.kind: kind for made in self._made for kind in made.kinds}
        own = (EndpointKind(self.store, self.endpoints), HyperParameterTuningJobKind(self.store, self.tuning_jobs))
        return list({**kinds, **{kind.kind: kind for kind in own}}.values())

    def _call(
        self, operation: str, request: Mapping[str, Any], caller: Caller, own: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self.service.call(operation, request, caller, own)

    def stop(self, kind: str) -> None:
        """Ends what goes on behind the records of a kind."""
        self._made_of(kind).stop()

    def recover(self, kind: str) -> None:
        """Takes up what an earlier emulator left of a kind."""
        self._made_of(kind).recover()

    def _made_of(self, kind: str) -> Made:
        return next(made for made in self._made if kind in {each.kind for each in made.kinds})

    def close(self) -> None:
        self._front.give_back()
        self.store.close()

    def client_of(self, account: str, region: str) -> Any:
        """A client of an account and region. The stubs' answers have members always that AWS leaves out at times."""
        return client("sagemaker", f"http://127.0.0.1:{self._front.server_port}", region, account)

    def record(self, kind: str, name: str) -> Record:
        return self.store.get(RecordKey(kind, ACCOUNT, REGION, name))

    def make_model(self, name: str = "model") -> str:
        container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}
        self.call("CreateModel", ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
        return name

    def make_config(self, name: str, model: str, weight: float = 1.0) -> str:
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": model,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": weight,
        }
        self.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant])
        return name

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """An operation without boto3's own checks."""
        return self.service.call(operation, request, self.caller)

    def post(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """An operation without boto3's own checks, answered as over HTTP."""
        headers = {"x-amz-target": f"SageMaker.{operation}"}
        answer: dict[str, Any] = json.loads(
            self.service.handle(headers, json.dumps(request).encode(), self.caller).body
        )
        return answer

    def wait(self, kind: str, name: str, status: str, seconds: float = 20) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            view = self.call(f"Describe{kind}", **{f"{kind}Name": name})
            if view[f"{kind}Status"] == status:
                return view
            assert time.monotonic() < deadline, view
            time.sleep(0.05)
