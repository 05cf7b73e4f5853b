"""A training job as SageMaker lays it out for a container, run as a real process."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from tests.prepared_process import Fork, PreparedProcess

XGBOOST: Final = "sagecraft_containers.xgboost"
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}
SECONDS: Final = 120


@dataclass
class JobResult:
    exit_code: int
    log: str
    failure: str | None
    base: Path

    @property
    def model_file(self) -> Path:
        return self.base / "model" / "xgboost-model"


@dataclass(frozen=True)
class RunningJob:
    process: Fork
    output: IO[str]


@dataclass
class TrainingJob:
    base: Path
    module: str
    hyperparameters: dict[str, str] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    hosts: tuple[str, ...] = ("algo-1",)
    current_host: str = "algo-1"
    environment: dict[str, str] = field(default_factory=dict)

    def add_channel(self, name: str, files: Mapping[str, str | bytes], content_type: str | None = "text/csv") -> None:
        directory = self.base / "input" / "data" / name
        directory.mkdir(parents=True)
        for file_name, content in files.items():
            file = directory / file_name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.channels[name] = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
        if content_type is not None:
            self.channels[name]["ContentType"] = content_type

    def start(self) -> RunningJob:
        """Starts XGBoost's program."""
        self._write_configuration()
        reader, writer = os.pipe()
        with os.fdopen(writer, "w") as output:
            process = _prepared_xgboost().start(["train"], cwd=Path.cwd(), env=self._variables, output=output)
        return RunningJob(process, os.fdopen(reader))

    @property
    def _variables(self) -> dict[str, str]:
        return {**os.environ, **ONE_THREAD, "SAGEMAKER_BASE_DIR": str(self.base), **self.environment}

    def _write_configuration(self) -> None:
        configuration = self.base / "input" / "config"
        configuration.mkdir(parents=True, exist_ok=True)
        resources = {"current_host": self.current_host, "hosts": list(self.hosts), "network_interface_name": "lo"}
        for name, content in (
            ("hyperparameters", self.hyperparameters),
            ("inputdataconfig", self.channels),
            ("resourceconfig", resources),
        ):
            (configuration / f"{name}.json").write_text(json.dumps(content))

    def finish(self, job: RunningJob) -> JobResult:
        with job.output:
            log = job.output.read()
        return self._result(job.process.wait_or_kill(SECONDS), log)

    def run(self) -> JobResult:
        self._write_configuration()
        if self.module == XGBOOST:
            done = _prepared_xgboost().run(["train"], cwd=Path.cwd(), env=self._variables, timeout=SECONDS, merged=True)
        else:
            done = subprocess.run(
                [sys.executable, "-m", self.module, "train"],
                env=self._variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        return self._result(done.returncode, done.stdout)

    def _result(self, exit_code: int, log: str) -> JobResult:
        failure = self.base / "output" / "failure"
        return JobResult(exit_code, log, failure.read_text() if failure.exists() else None, self.base)


@cache
def _prepared_xgboost() -> PreparedProcess:
    """That of this worker, started when it is wanted first."""
    process = PreparedProcess("tests.containers.prepared_xgboost", **ONE_THREAD)
    atexit.register(process.close)
    return process
