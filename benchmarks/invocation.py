"""InvokeEndpoint through the emulator, against the same container's own port and against bare `predict`.

The container stands alone with the same model and the same number of workers, and is loaded with the same requests
by the same client, in turn with the emulator. There are two clients: `load.py`, which says what each request took, and
wrk where it is installed. A client in Python takes longer for a request than the emulator does, and that is in both
sides of a ratio; wrk takes next to nothing, so that its ratios are what the emulator adds. With wrk there is a third
row: the same container behind `bare_relay.py`, the least that a second process in Python can add, which no front of the
emulator can beat.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost
from load import AUTHORIZATION
from measure import REGION, Emulator, Row, emulator, execution_role, free_port, print_rows, wait_for
from sagecraft_catalog import algorithm

COLUMNS, REQUESTS, CONNECTIONS, REPEATS = 10, 4_000, 8, 5
WRK_SECONDS = 2
INSTANCES_SECONDS = 60


def train_model(path: Path) -> xgboost.Booster:
    random = np.random.default_rng(7)
    features = random.normal(size=(5_000, COLUMNS)).astype(np.float32)
    matrix = xgboost.DMatrix(features, label=features[:, 0] > 0)
    parameters = {"objective": "binary:logistic", "max_depth": 5, "nthread": 1}
    booster = xgboost.train(parameters, matrix, num_boost_round=100)
    booster.save_model(path.with_suffix(".ubj"))
    path.with_suffix(".ubj").rename(path)
    return booster


@dataclass(frozen=True)
class Load:
    """What one run of the load generator saw."""

    requests_per_second: float
    p50_seconds: float
    p99_seconds: float


def run_load(port: int, path: str, body: Path, connections: int) -> Load:
    command = [sys.executable, str(Path(__file__).with_name("load.py")), "127.0.0.1", str(port), str(connections)]
    done = subprocess.run([*command, str(REQUESTS), path, str(body), "text/csv"], check=True, stdout=subprocess.PIPE)
    seen = json.loads(done.stdout)
    cuts = statistics.quantiles(seen["latencies"], n=100)
    return Load(len(seen["latencies"]) / seen["seconds"], cuts[49], cuts[98])


def run_wrk(port: int, path: str, body: Path, connections: int) -> float:
    """Requests a second."""
    script = body.with_name("wrk.lua")
    headers = {"Content-Type": "text/csv", "Authorization": AUTHORIZATION}
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body.read_text())}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    script.write_text("\n".join(lines))
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{WRK_SECONDS}s",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}{path}",
    ]
    seen = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    rate = re.search(r"Requests/sec: *([\d.]+)", seen)
    if rate is None or "Non-2xx" in seen:
        raise RuntimeError(f"unexpected answers: {seen}")
    return float(rate[1])


def relay(port: int, container_port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("bare_relay.py")), str(port), str(container_port)]
    )


def wrk_rows(targets: dict[str, tuple[int, str]], body: Path) -> list[Row]:
    if shutil.which("wrk") is None:
        return [Row("wrk", "not installed")]
    rows = []
    for connections, goal in ((1, ">= 0.8"), (CONNECTIONS, ">= 0.85")):
        rates: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(REPEATS):
            for name, target in targets.items():
                rates[name].append(run_wrk(*target, body, connections))
        medians = {name: statistics.median(each) for name, each in rates.items()}
        of = f"wrk, {connections} connection{'s' if connections > 1 else ''}"
        rows += [Row(f"{of}: {name}", f"{median:,.0f} /s") for name, median in medians.items()]
        rows += [
            Row(f"{of}: ratio, bare relay to container", f"{medians['bare relay'] / medians['container']:.3f}"),
            Row(f"{of}: ratio, emulator to container", f"{medians['emulator'] / medians['container']:.3f}", goal),
        ]
    return rows


def median_load(loads: list[Load]) -> Load:
    return Load(
        statistics.median(load.requests_per_second for load in loads),
        statistics.median(load.p50_seconds for load in loads),
        statistics.median(load.p99_seconds for load in loads),
    )


def time_predict(booster: xgboost.Booster, row: np.ndarray) -> float:
    """Calls of `predict` on one row a second, matrix made each time as a server has to."""
    begin = time.perf_counter()
    for _ in range(REQUESTS):
        booster.predict(xgboost.DMatrix(row, nthread=1))
    return REQUESTS / (time.perf_counter() - begin)


def deploy(host: Emulator, model: Path) -> None:
    archive = model.with_name("model.tar.gz")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(model, "xgboost-model")
    s3, sagemaker, role_arn = host.client("s3"), host.client("sagemaker"), execution_role(host)
    s3.create_bucket(Bucket="benchmark")
    s3.upload_file(str(archive), "benchmark", "model.tar.gz")
    sagemaker.create_model(
        ModelName="benchmark",
        ExecutionRoleArn=role_arn,
        PrimaryContainer={
            "Image": algorithm("xgboost").image_uri("3.2-0", REGION),
            "ModelDataUrl": "s3://benchmark/model.tar.gz",
        },
    )
    variant = {"VariantName": "AllTraffic", "ModelName": "benchmark", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="benchmark", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName="benchmark", EndpointConfigName="benchmark")
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="benchmark", WaiterConfig={"Delay": 1, "MaxAttempts": INSTANCES_SECONDS}
    )


def serve_alone(base: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_BIND_HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "sagecraft_containers.xgboost", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        model = directory / "opt" / "model" / "xgboost-model"
        model.parent.mkdir(parents=True)
        booster = train_model(model)
        row = np.random.default_rng(1).normal(size=(1, COLUMNS)).astype(np.float32)
        body = directory / "body.csv"
        body.write_text(",".join(f"{value:.5f}" for value in row[0]) + "\n")
        port, relay_port = free_port(), free_port()
        container, between = serve_alone(directory / "opt", port), relay(relay_port, port)
        try:
            wait_for(f"http://127.0.0.1:{port}/ping", container)
            wait_for(f"http://127.0.0.1:{relay_port}/ping", between)
            with emulator(directory / "state") as host:
                deploy(host, model)
                targets = {
                    "container": (port, "/invocations"),
                    "emulator": (host.port, "/endpoints/benchmark/invocations"),
                }
                for target in targets.values():
                    run_load(*target, body, CONNECTIONS)
                alone: dict[str, list[Load]] = {name: [] for name in targets}
                busy: dict[str, list[Load]] = {name: [] for name in targets}
                for _ in range(REPEATS):
                    for name, target in targets.items():
                        alone[name].append(run_load(*target, body, 1))
                        busy[name].append(run_load(*target, body, CONNECTIONS))
                by_wrk = wrk_rows({**targets, "bare relay": (relay_port, "/invocations")}, body)
        finally:
            for process in (between, container):
                process.terminate()
                process.wait(60)
        bare = time_predict(booster, row)
    rows = [Row("bare predict, one process", f"{bare:,.0f} /s")]
    for name in targets:
        one, many = median_load(alone[name]), median_load(busy[name])
        rows += [
            Row(f"{name}: p50, one connection", f"{one.p50_seconds * 1e3:.2f} ms"),
            Row(f"{name}: p99, one connection", f"{one.p99_seconds * 1e3:.2f} ms"),
            Row(f"{name}: p50, {CONNECTIONS} connections", f"{many.p50_seconds * 1e3:.2f} ms"),
            Row(f"{name}: p99, {CONNECTIONS} connections", f"{many.p99_seconds * 1e3:.2f} ms"),
            Row(f"{name}: throughput, {CONNECTIONS} connections", f"{many.requests_per_second:,.0f} /s"),
        ]
    throughput = {name: median_load(loads).requests_per_second for name, loads in busy.items()}
    ratio = throughput["emulator"] / throughput["container"]
    rows.append(Row("ratio, emulator to container", f"{ratio:.3f}", ">= 0.7"))
    rows.append(Row("ratio, emulator to bare predict", f"{throughput['emulator'] / bare:.3f}"))
    rows += by_wrk
    print_rows(f"InvokeEndpoint, one CSV row of {COLUMNS} features (median of {REPEATS} x {REQUESTS:,})", rows)


if __name__ == "__main__":
    main()
