"""A training job as SageMaker lays it out for a container, run as a real process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.prepared_process import Fork

from .prepared_program import ONE_THREAD, start_program


@dataclass
class JobResult:
    exit_code: int
    log: str
    failure: str | None
    base: Path

    @property
    def model_file(self) -> Path:
        return self.base / "model" / "xgboost-model"


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

    def start(self) -> Fork:
        self._write_configuration()
        return start_program(
            self.module, "train", {**ONE_THREAD, "SAGEMAKER_BASE_DIR": str(self.base), **self.environment}
        )

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

    def finish(self, process: Fork) -> JobResult:
        log, _ = process.communicate(timeout=120)
        failure = self.base / "output" / "failure"
        return JobResult(process.wait(), log, failure.read_text() if failure.exists() else None, self.base)

    def run(self) -> JobResult:
        return self.finish(self.start())
