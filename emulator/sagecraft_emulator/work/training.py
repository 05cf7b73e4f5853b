"""Training jobs: from a record that is `InProgress` to one that is `Completed`, `Failed` or `Stopped`.

The statuses, their messages and their order are those of `SecondaryStatusTransitions` in the SageMaker API reference.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from sagecraft_catalog import MetricDefinition

from sagecraft_emulator.errors import EmulatorError, InvalidTransition, RecordMissing
from sagecraft_emulator.states import TERMINAL
from sagecraft_emulator.store import Record, RecordKey, Store

from . import storage
from .container import Machine, RoleError
from .images import ImageRegistry, LocalProgram
from .logs import LogShipper, last_lines
from .metrics import MetricReader
from .sandbox import Sandbox, SandboxedProcess, kill_tree, signal_of

logger = logging.getLogger(__name__)

LOG_GROUP: Final = "/aws/sagemaker/TrainingJobs"
STOP_GRACE_SECONDS: Final = 120
CHECKPOINT_EVERY_SECONDS: Final = 10
POLL_SECONDS: Final = 0.05
FAILURE_CHARACTERS: Final = 1024
HOST_NAME: Final = "algo-1"
MESSAGES: Final[Mapping[str, str]] = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


class JobFailed(EmulatorError):
    """The job cannot go on; the message becomes its `FailureReason`."""


@dataclass
class _Run:
    """What the emulator holds of a job while it is not over."""

    stopping: threading.Event = field(default_factory=threading.Event)


class TrainingRunner:
    """Runs training jobs, at most one per core at a time, in the order in which they came.

    Args:
        store: Where the records are.
        machine: What containers share.
        images: Finds the program of an image.
        stop_grace_seconds: From SIGTERM to SIGKILL.
    """

    def __init__(
        self, store: Store, machine: Machine, images: ImageRegistry, stop_grace_seconds: float = STOP_GRACE_SECONDS
    ) -> None:
        self._store, self._machine, self._images = store, machine, images
        self._stop_grace_seconds = stop_grace_seconds
        self._runs: dict[RecordKey, _Run] = {}
        self._closing = threading.Event()
        self._workers = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="training")

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is `InProgress`; returns at once."""
        run = self._runs[key] = _Run()
        self._workers.submit(self._supervise, key, run)

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""
        run = self._runs.get(key)
        if run is not None:
            run.stopping.set()

    def recover(self) -> None:
        """Marks what ran when an earlier emulator ended as failed, and ends what is left of it."""
        for record in self._store.find("TrainingJob", statuses={"InProgress", "Stopping"}):
            if process := record.body.get("_Process"):
                kill_tree(process["pid"], process["started"])
            self._fail(record.key, "InternalServerError: the emulator ended while the training job was running.")

    def shutdown(self) -> None:
        """Ends all jobs; a job that was running becomes `Failed` with that reason."""
        self._closing.set()
        self._workers.shutdown(wait=True, cancel_futures=True)
        self.recover()

    def _supervise(self, key: RecordKey, run: _Run) -> None:
        try:
            _Job(self, key, run).run()
        except (JobFailed, RoleError, storage.StorageError) as error:
            self._fail(key, str(error))
        except EmulatorError as error:
            self._fail(key, f"ClientError: {error}")
        except Exception as error:
            logger.exception("The training job %s failed in the emulator", key.name)
            self._fail(key, f"InternalServerError: {error}. The emulator's log has the traceback.")
        finally:
            self._runs.pop(key, None)

    def _fail(self, key: RecordKey, reason: str) -> None:
        try:
            self._move(key, "Failed", status="Failed", FailureReason=reason[:FAILURE_CHARACTERS], _Process=None)
        except (RecordMissing, InvalidTransition):
            logger.exception("The training job %s could not be marked as failed", key.name)

    def _move(self, key: RecordKey, secondary: str, *, status: str | None = None, **body: Any) -> Record:
        """Takes a job's record to its next secondary status, and to a status where that is given."""
        now = time.time()
        transitions = list(self._store.get(key).body["SecondaryStatusTransitions"])
        if transitions[-1]["Status"] != secondary:
            transitions[-1] = {**transitions[-1], "EndTime": now}
            transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": MESSAGES[secondary]})
        if status is not None and status in TERMINAL["TrainingJob"]:
            transitions[-1] = {**transitions[-1], "EndTime": now}
            body.update(_times(self._store.get(key).body, now))
        body |= {"SecondaryStatus": secondary, "SecondaryStatusTransitions": transitions}
        return self._store.update(key, status=status, body=body)


def _times(body: Mapping[str, Any], end: float) -> dict[str, Any]:
    begin = body.get("TrainingStartTime")
    if begin is None:
        return {}
    seconds = max(1, round(end - begin))
    return {"TrainingEndTime": end, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}


class _Job:
    """One job on its way."""

    def __init__(self, runner: TrainingRunner, key: RecordKey, run: _Run) -> None:
        self._runner, self._key, self._run = runner, key, run
        self._store, self._machine = runner._store, runner._machine  # noqa: SLF001 - the runner is this file's own
        self._record = self._store.get(key)
        self._request = self._record.body
        self._s3 = self._machine.clients.s3(key.account, key.region)
        directory = self._machine.work_dir / "training" / f"{key.account}-{key.region}-{key.name}"
        self._sandbox = Sandbox(directory, HOST_NAME)
        self._max_runtime_passed = False
        self._metrics = MetricReader([])

    def run(self) -> None:
        """Goes through all of it."""
        if self._stopped():
            self._end("Stopped")
            return
        specification = self._request["AlgorithmSpecification"]
        program = self._runner._images.resolve(specification["TrainingImage"])  # noqa: SLF001 - as above
        command = self._command(specification, program)
        self._metrics = MetricReader(self._metric_definitions(specification, program))
        self._sandbox.make()
        try:
            self._move("Downloading", TrainingStartTime=time.time())
            self._write_configuration()
            self._download()
            environment = self._environment()
            self._move("Training")
            exit_code = self._train(program, command, environment)
            self._finish(exit_code)
        finally:
            self._sandbox.remove()

    def _stopped(self) -> bool:
        return self._run.stopping.is_set()

    def _move(self, secondary: str, *, status: str | None = None, **body: Any) -> None:
        self._runner._move(self._key, secondary, status=status, **body)  # noqa: SLF001 - as above

    def _command(self, specification: Mapping[str, Any], program: LocalProgram) -> list[str]:
        if "ContainerEntrypoint" in specification:
            return [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
        if program.train is None:
            raise JobFailed(
                f"ClientError: the local program of '{specification['TrainingImage']}' has no command to train. "
                "Register one, or give the job a ContainerEntrypoint."
            )
        return [*program.train, *specification.get("ContainerArguments", [])]

    def _metric_definitions(self, specification: Mapping[str, Any], program: LocalProgram) -> list[MetricDefinition]:
        asked = [MetricDefinition(each["Name"], each["Regex"]) for each in specification.get("MetricDefinitions", [])]
        names = {definition.name for definition in asked}
        built_in = [definition for definition in program.metric_definitions if definition.name not in names]
        if built_in:
            merged = [{"Name": each.name, "Regex": each.regex} for each in (*asked, *built_in)]
            self._store.update(
                self._key, body={"AlgorithmSpecification": {**specification, "MetricDefinitions": merged}}
            )
        return [*asked, *built_in]

    def _environment(self) -> dict[str, str]:
        return {
            **self._machine.environment(self._key, self._request["RoleArn"]),
            "TRAINING_JOB_NAME": self._key.name,
            "TRAINING_JOB_ARN": self._record.arn,
            "CURRENT_HOST": HOST_NAME,
            **self._request.get("Environment", {}),
        }

    def _write_configuration(self) -> None:
        resources = self._request["ResourceConfig"]
        channels = {
            channel["ChannelName"]: {
                "TrainingInputMode": channel.get(
                    "InputMode", self._request["AlgorithmSpecification"]["TrainingInputMode"]
                ),
                "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                    "S3DataDistributionType", "FullyReplicated"
                ),
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
                **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
            }
            for channel in self._request.get("InputDataConfig", [])
        }
        files: dict[str, Any] = {
            "hyperparameters.json": self._request.get("HyperParameters", {}),
            "inputdataconfig.json": channels,
            "resourceconfig.json": {
                "current_host": HOST_NAME,
                "current_instance_type": resources["InstanceType"],
                "current_group_name": "homogeneousCluster",
                "hosts": [HOST_NAME],
                "instance_groups": [
                    {
                        "instance_group_name": "homogeneousCluster",
                        "instance_type": resources["InstanceType"],
                        "hosts": [HOST_NAME],
                    }
                ],
                "network_interface_name": "lo",
            },
        }
        if checkpoints := self._request.get("CheckpointConfig"):
            files["checkpointconfig.json"] = {
                "LocalPath": checkpoints.get("LocalPath", "/opt/ml/checkpoints"),
                "S3Uri": checkpoints["S3Uri"],
            }
        for name, content in files.items():
            (self._sandbox.opt_ml / "input" / "config" / name).write_text(json.dumps(content), encoding="utf-8")

    def _download(self) -> None:
        for channel in self._request.get("InputDataConfig", []):
            name, uri = channel["ChannelName"], channel["DataSource"]["S3DataSource"]["S3Uri"]
            target = self._sandbox.opt_ml / "input" / "data" / name
            target.mkdir()
            try:
                count = storage.download_prefix(
                    self._s3, uri, target, gunzip=channel.get("CompressionType", "None") == "Gzip"
                )
            except storage.StorageError as error:
                raise JobFailed(f"ClientError: Data download failed: channel '{name}': {error}") from error
            if count == 0:
                raise JobFailed(
                    f"ClientError: Data download failed: No S3 objects found under S3 URL '{uri}' given in input data "
                    f"source of channel '{name}'. Please ensure that the bucket exists in the selected region "
                    f"({self._key.region}), that objects exist under that S3 prefix, and that the role "
                    f"'{self._request['RoleArn']}' has 's3:ListBucket' permissions on the bucket."
                )
        if checkpoints := self._request.get("CheckpointConfig"):
            (self._sandbox.opt_ml / "checkpoints").mkdir()
            uri = checkpoints["S3Uri"].rstrip("/") + "/"
            storage.download_prefix(self._s3, uri, self._sandbox.opt_ml / "checkpoints")

    def _train(self, program: LocalProgram, command: list[str], environment: Mapping[str, str]) -> int:
        started = time.time()
        process = self._machine.start(self._sandbox, program, command, environment, self._key.name)
        self._store.update(self._key, body={"_Process": {"pid": process.pid, "started": process.started}})
        stream = f"{self._key.name}/{HOST_NAME}-{int(started)}"
        shipper = LogShipper(self._machine.clients, self._key, self._sandbox.log, LOG_GROUP, stream, self._metrics)
        try:
            return self._watch(process)
        finally:
            process.kill()
            shipper.close()
            self._upload_checkpoints({})
            self._store.update(self._key, body={"_Process": None})

    def _watch(self, process: SandboxedProcess) -> int:
        """Waits for the exit code; stops the process when the job is to stop or has run too long."""
        deadline = time.monotonic() + self._request["StoppingCondition"]["MaxRuntimeInSeconds"]
        next_checkpoint = time.monotonic() + CHECKPOINT_EVERY_SECONDS
        uploaded: dict[str, float] = {}
        while (exit_code := process.wait(POLL_SECONDS)) is None:
            if self._runner._closing.is_set():  # noqa: SLF001 - as above
                process.kill()
                raise JobFailed("InternalServerError: the emulator ended while the training job was running.")
            self._max_runtime_passed = time.monotonic() > deadline
            if self._stopped() or self._max_runtime_passed:
                self._move("Stopping")
                process.stop(self._runner._stop_grace_seconds)  # noqa: SLF001 - as above
            elif time.monotonic() > next_checkpoint:
                self._upload_checkpoints(uploaded)
                next_checkpoint = time.monotonic() + CHECKPOINT_EVERY_SECONDS
        return exit_code

    def _upload_checkpoints(self, uploaded: dict[str, float]) -> None:
        """Uploads the checkpoint files that changed since they were last uploaded."""
        checkpoints = self._request.get("CheckpointConfig")
        if checkpoints is None:
            return
        directory = self._sandbox.opt_ml / "checkpoints"
        for path in sorted(each for each in directory.rglob("*") if each.is_file()):
            relative, modified = str(path.relative_to(directory)), path.stat().st_mtime
            if uploaded.get(relative) != modified:
                storage.upload(self._s3, path, f"{checkpoints['S3Uri'].rstrip('/')}/{relative}", {})
                uploaded[relative] = modified

    def _finish(self, exit_code: int) -> None:
        ended_early = self._stopped() or self._max_runtime_passed
        if not ended_early and exit_code != 0:
            self._upload_output_data()
            raise JobFailed(self._failure_reason(exit_code))
        self._move("Uploading")
        artifacts = self._output_uri("model.tar.gz")
        storage.upload_archive(
            self._s3, self._sandbox.opt_ml / "model", artifacts, self._sandbox.directory, self._encryption()
        )
        self._upload_output_data()
        body: dict[str, Any] = {"ModelArtifacts": {"S3ModelArtifacts": artifacts}}
        if self._max_runtime_passed and not self._stopped():
            self._end("MaxRuntimeExceeded", status="Stopped", **body)
        else:
            self._end("Stopped" if ended_early else "Completed", **body)

    def _end(self, secondary: str, *, status: str | None = None, **body: Any) -> None:
        final = [
            {"MetricName": datum.name, "Value": datum.value, "Timestamp": datum.timestamp}
            for datum in self._metrics.final.values()
        ]
        if final:
            body["FinalMetricDataList"] = final
        self._move(secondary, status=status or secondary, **body)

    def _failure_reason(self, exit_code: int) -> str:
        suffix = f", exit code: {exit_code}"
        failure_file = self._sandbox.opt_ml / "output" / "failure"
        text = failure_file.read_text("utf-8", errors="replace").strip() if failure_file.is_file() else ""
        if not text:
            lines = last_lines(self._sandbox.log, 3)
            text = f"the last lines of its log are: {' | '.join(lines)}" if lines else "it wrote no log."
        if signal := signal_of(exit_code):
            text = f"the training process was killed by signal {signal}; {text}"
        prefix = "AlgorithmError: "
        return f"{prefix}{text[: FAILURE_CHARACTERS - len(prefix) - len(suffix)]}{suffix}"

    def _upload_output_data(self) -> None:
        directory = self._sandbox.opt_ml / "output" / "data"
        if directory.is_dir() and any(directory.iterdir()):
            uri = self._output_uri("output.tar.gz")
            storage.upload_archive(self._s3, directory, uri, self._sandbox.directory, self._encryption())

    def _output_uri(self, name: str) -> str:
        return f"{self._request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self._key.name}/output/{name}"

    def _encryption(self) -> dict[str, str]:
        key_id = self._request["OutputDataConfig"].get("KmsKeyId")
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
