"""Requests made from SageMaker's service model, right, wrong and broken: none is answered 500, none hangs.

A right request keeps to the model; a wrong one is a right one with some members changed; a broken one is not even what
an SDK sends. Names are few, so that much of what is asked for exists. The same seed makes the same requests.

usage: fuzz.py [REQUESTS] [SEED]
"""

from __future__ import annotations

import copy
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore.awsrequest import prepare_request_dict
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape
from botocore.serialize import create_serializer
from measure import ACCOUNT, REGION, Emulator, Row, emulator, execution_role, print_rows
from sagecraft_catalog import algorithm
from sagecraft_emulator.api.shapes import problems

REQUESTS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SEED: Final = int(sys.argv[2]) if len(sys.argv) > 2 else 1
CLIENTS: Final = 4
HANG_SECONDS: Final = 5.0
NOT_DONE: Final = 501
SERVICES: Final = ("sagemaker", "sagemaker-featurestore-runtime", "sagemaker-metrics")
"""The first is asked nine times as often as the others together: it has the most operations."""
DEPTH: Final = 6
"""How deep optional members are filled in; the model has recursive shapes."""
SHOWN: Final = 20
PLAUSIBLE: Final = (
    *(f"name-{number}" for number in range(20)),
    *(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{noun}/name-1" for noun in ("model", "endpoint", "training-job")),
    f"arn:aws:iam::{ACCOUNT}:role/benchmark",
    f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012",
    algorithm("xgboost").image_uri("3.2-0", REGION),
    "s3://benchmark/data",
    "https://example.com/repository.git",
    "subnet-00000001",
    "sg-00000001",
    "text/csv",
    "application/json",
    "0.5",
    "3",
    "1:2",
    "/opt/ml/input",
    "a",
    "",
)
WRONG: Final[tuple[Any, ...]] = (
    *(None, "", [], {}, True, -1, 0, 2**31, 2**63, -(2**63), 10**30, 1.5, -0.0, float("nan"), float("inf")),
    *("x" * length for length in (64, 257, 1025, 100_000)),
    *("\x00", "\ud800", "é" * 20, "🙂", "../..", "${x}", "a\nb", "s3://", "arn:aws:", " "),
    *([[[[[[[[{}]]]]]]]], [{}], [{}] * 101, [{}] * 1001, {"Unknown": {"Member": [1]}}),
)


@dataclass
class Seen:
    """What the requests met, of all clients."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    not_done: set[str] = field(default_factory=set)
    slowest: float = 0.0


class Requests:
    """Makes requests from the service model; one for each client, for it draws from its own chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        session = botocore.session.get_session()
        self._models = [session.get_service_model(name) for name in SERVICES]
        self._fitting: dict[str, list[str]] = {}
        self._wanted = 0.0

    def operation(self, not_done: set[str]) -> OperationModel:
        """One to ask for: seldom one that is known to be not done."""
        model = self._models[0 if self.chance.random() < 0.9 else self.chance.randrange(1, len(SERVICES))]
        name = self.chance.choice(model.operation_names)
        while name in not_done and self.chance.random() < 0.95:
            name = self.chance.choice(model.operation_names)
        return model.operation_model(name)

    def right(self, operation: OperationModel) -> Any:
        """A request that keeps to the model, with none, few or many of its optional members."""
        self._wanted = self.chance.choice((0.0, 0.1, 0.4))
        return {} if operation.input_shape is None else self._value(operation.input_shape, 0)

    def wrong(self, request: Any) -> Any:
        """The request with one to three members changed, removed or added."""
        for _ in range(self.chance.randint(1, 3)):
            places = list(_places(request))
            if not places:
                return self._wrong_value()
            holder, key = self.chance.choice(places)
            if isinstance(holder, dict) and self.chance.random() < 0.3:
                del holder[key]
            else:
                holder[key] = self._wrong_value()
        return request

    def broken(self, method: str, body: bytes, headers: dict[str, str]) -> tuple[str, bytes, dict[str, str]]:
        """A method, a body and headers that no SDK would send."""
        chance = self.chance
        kind = chance.randrange(7)
        if kind == 0:
            return method, body[: chance.randrange(len(body) + 1)], headers
        if kind == 1:
            changed = bytearray(body)
            for _ in range(chance.randint(1, 8)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return method, bytes(changed), headers
        if kind == 2:
            return method, chance.randbytes(chance.randrange(2000)), headers
        if kind == 3:
            return method, b"[" * chance.choice((10, 5_000, 100_000)), headers
        if kind == 4:
            target = chance.choice(("", "SageMaker.", "SageMaker.Nothing", "Nothing", "SageMaker.CreateModel.More"))
            return method, body, {**headers, "X-Amz-Target": target}
        if kind == 5:
            authorization = chance.choice(("", "AWS4-HMAC-SHA256", "Basic eDp5", "AWS4-HMAC-SHA256 Credential=a/b/c"))
            return method, body, {**headers, "Authorization": authorization}
        return chance.choice(("GET", "PUT", "DELETE", "PATCH")), body, headers

    def _wrong_value(self) -> Any:
        return copy.deepcopy(self.chance.choice(WRONG))  # which may be changed in its turn

    def _value(self, shape: Shape, depth: int) -> Any:
        chance = self.chance
        if isinstance(shape, StructureShape):
            return self._structure(shape, depth)
        if isinstance(shape, ListShape):
            least = shape.metadata.get("min", 0)
            count = least if depth > DEPTH else min(shape.metadata.get("max", 3), max(least, chance.randint(0, 3)))
            return [self._value(shape.member, depth + 1) for _ in range(count)]
        if isinstance(shape, MapShape):
            keys = {self._value(shape.key, depth + 1) for _ in range(chance.randint(0, 2))}
            return {str(key): self._value(shape.value, depth + 1) for key in keys}
        if isinstance(shape, StringShape):
            return self._string(shape)
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10_000)
        match shape.type_name:
            case "boolean":
                return chance.random() < 0.5
            case "integer" | "long":
                return chance.randint(int(low), int(min(high, low + 100)))
            case "float" | "double":
                return chance.uniform(float(low), float(min(high, low + 100)))
            case "timestamp":
                return chance.randint(0, 2_000_000_000)
            case _:
                return "AAAA"

    def _structure(self, shape: StructureShape, depth: int) -> dict[str, Any]:
        wanted = 0.0 if depth > DEPTH else self._wanted
        return {
            name: self._value(member, depth + 1)
            for name, member in shape.members.items()
            if name in shape.required_members or self.chance.random() < wanted
        }

    def _string(self, shape: StringShape) -> str:
        if shape.enum:
            return self.chance.choice(shape.enum)
        if shape.name not in self._fitting:
            fitting = [each for each in PLAUSIBLE if not any(problems(shape, each, ""))]
            self._fitting[shape.name] = fitting or [PLAUSIBLE[0]]
        return self.chance.choice(self._fitting[shape.name])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each place in a request that holds a value: its holder and the key or index."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield value, key
        yield from _places(each)


def _rest(operation: OperationModel, request: dict[str, Any]) -> tuple[str, str, Any]:
    """The method, the path with its query, and the members of the body of a request by REST."""
    made = create_serializer("rest-json", include_validation=False).serialize_to_request(request, operation)
    prepare_request_dict(made, endpoint_url="http://localhost")
    return made["method"], made["url"].removeprefix("http://localhost"), json.loads(made["body"] or b"{}")


class Client:
    """Sends its share of the requests over one connection, one after the other."""

    def __init__(self, host: Emulator, number: int, seen: Seen, lock: threading.Lock) -> None:
        self._port, self._seen, self._lock = host.port, seen, lock
        self._requests = Requests(random.Random(SEED * CLIENTS + number))
        self._connection = self._connect()

    def run(self) -> None:
        """Asks until its share is done."""
        for _ in range(REQUESTS // CLIENTS):
            operation = self._requests.operation(self._seen.not_done)
            method, path, body, headers = self._make(operation)
            begin = time.perf_counter()
            try:
                status, answer = self._send(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                status, answer = 0, repr(error).encode()
                self._connection = self._connect()
            self._note(operation.name, method, body, status, answer, time.perf_counter() - begin)

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=HANG_SECONDS)

    def _make(self, operation: OperationModel) -> tuple[str, str, bytes, dict[str, str]]:
        requests = self._requests
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/sagemaker/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        kind = requests.chance.random()
        request = requests.right(operation)
        method, path = "POST", "/"
        if operation.service_model.service_name == SERVICES[0]:
            headers["X-Amz-Target"] = f"SageMaker.{operation.name}"
        else:
            method, path, request = _rest(operation, request)
        if kind >= 0.4:
            request = requests.wrong(request)
        body = json.dumps(request).encode()
        if kind >= 0.85:
            method, body, headers = requests.broken(method, body, headers)
        return method, path, body, headers

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def _note(self, name: str, method: str, body: bytes, status: int, answer: bytes, seconds: float) -> None:
        with self._lock:
            seen = self._seen
            seen.statuses[status] += 1
            seen.slowest = max(seen.slowest, seconds)
            if status == NOT_DONE:
                if f"The operation '{name}'".encode() in answer:  # and not a member of it, or another service
                    seen.not_done.add(name)
            elif status == 0 or status >= 500 or seconds > HANG_SECONDS:
                seen.faults.append(
                    f"{name} {method} {status} after {seconds:.1f} s: {body[:500]!r} -> {answer[:300]!r}"
                )


def _make_what_data_planes_are_asked_for(host: Emulator) -> None:
    client = host.client("sagemaker")
    for number in range(3):
        client.create_trial_component(TrialComponentName=f"name-{number}")
        client.create_feature_group(
            FeatureGroupName=f"name-{number}",
            RecordIdentifierFeatureName="a",
            EventTimeFeatureName="name-0",
            FeatureDefinitions=[
                {"FeatureName": "a", "FeatureType": "String"},
                {"FeatureName": "name-0", "FeatureType": "Fractional"},
                *({"FeatureName": f"name-{each}", "FeatureType": "String"} for each in range(1, 20)),
            ],
            OnlineStoreConfig={"EnableOnlineStore": True},
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, emulator(Path(scratch) / "state", "--execute", "instant") as host:
        execution_role(host)
        host.client("s3").create_bucket(Bucket="benchmark")
        host.client("s3").put_object(Bucket="benchmark", Key="data/train.csv", Body=b"1,2\n0,1\n")
        _make_what_data_planes_are_asked_for(host)
        seen, lock = Seen(), threading.Lock()
        clients = [Client(host, number, seen, lock) for number in range(CLIENTS)]
        begin = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as threads:
            for done in [threads.submit(client.run) for client in clients]:
                done.result()
        seconds = time.perf_counter() - begin
        alive = host.process.poll() is None
    print_rows(
        f"{REQUESTS:,} requests from the service model, seed {SEED}",
        [
            Row("requests per second", f"{REQUESTS / seconds:.0f}"),
            *(Row(f"answered {status}", f"{count:,}") for status, count in sorted(seen.statuses.items())),
            Row("operations that are not done", f"{len(seen.not_done)}"),
            Row("slowest answer", f"{seen.slowest:.2f} s", f"<= {HANG_SECONDS:.0f} s"),
            Row("faults: 500s, broken connections, hangs", f"{len(seen.faults)}", "0"),
            Row("the emulator is alive", str(alive)),
        ],
    )
    for fault in seen.faults[:SHOWN]:
        print(f"  {fault}")
    sys.exit(1 if seen.faults or not alive else 0)


if __name__ == "__main__":
    main()
