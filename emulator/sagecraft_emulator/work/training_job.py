"""One training job on its way: configuration, data, the process, and what it leaves."""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_catalog import MetricDefinition

from . import storage
from .checkpoints import Checkpoints
from .container import Command
from .images import LocalProgram
from .job_failure import JobFailed, failure_reason
from .job_record import TrainingJobRecord
from .job_runner import EMULATOR_ENDED, JobContext, job_directory
from .logs import LogShipper
from .metrics import MetricReader
from .processors import thread_variables
from .sandbox import Sandbox, SandboxedProcess
from .training_input import download_channels, write_configuration

LOG_GROUP: Final = "/aws/sagemaker/TrainingJobs"
CHECKPOINT_EVERY_SECONDS: Final = 10.0
HOST_NAME: Final = "algo-1"
_POLL_SECONDS: Final = 0.05


class TrainingJob:
    """A training job that is to run.

    Args:
        context: What it is given.
    """

    def __init__(self, context: JobContext) -> None:
        record = context.record
        self._record, self._machine, self._images = record, context.machine, context.images
        self._stopping, self._closing = context.stopping, context.closing
        self._stop_grace_seconds, self._cores = context.stop_grace_seconds, context.cores
        self._job = TrainingJobRecord(context.store, record.key)
        self._request = record.body
        self._s3 = context.machine.clients.s3(record.key.account, record.key.region)
        self._sandbox = Sandbox(job_directory(context.machine, record.key), HOST_NAME)
        self._max_runtime_passed = False

    def run(self) -> None:
        """Goes through all of it.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """
        specification = self._request["AlgorithmSpecification"]
        program = self._images.resolve(specification["TrainingImage"])
        command = _command(specification, program)
        metrics = self._metrics(specification, program)
        self._sandbox.make()
        opt_ml = self._sandbox.opt_ml
        try:
            self._job.move("Downloading", TrainingStartTime=time.time())
            write_configuration(self._request, HOST_NAME, opt_ml / "input" / "config")
            data = opt_ml / "input" / "data"
            download_channels(self._s3, self._request, self._record.key.region, data, self._stopping.is_set)
            if self._stopping.is_set():
                self._job.move("Stopped", status="Stopped")
                return
            exit_code = self._train(program, command, metrics)
            self._finish(exit_code, metrics)
        finally:
            self._sandbox.remove()

    def _metrics(self, specification: Mapping[str, Any], program: LocalProgram) -> MetricReader:
        """Reads the metrics that the request defines, and those that AWS's algorithm brings along."""
        asked = [MetricDefinition(each["Name"], each["Regex"]) for each in specification.get("MetricDefinitions", [])]
        names = {definition.name for definition in asked}
        definitions = [*asked, *(each for each in program.metric_definitions if each.name not in names)]
        if len(definitions) > len(asked):
            told = [{"Name": each.name, "Regex": each.regex} for each in definitions]
            self._job.set(AlgorithmSpecification={**specification, "MetricDefinitions": told})
        try:
            return MetricReader(definitions)
        except re.error as error:
            raise JobFailed(
                f"ClientError: a Regex of MetricDefinitions is no regular expression: '{error.pattern!s}': {error.msg}."
            ) from error

    def _environment(self) -> dict[str, str]:
        return {
            **self._machine.environment(self._record.key, self._request["RoleArn"]),
            **thread_variables(self._cores),
            "TRAINING_JOB_NAME": self._record.key.name,
            "TRAINING_JOB_ARN": self._record.arn,
            "CURRENT_HOST": HOST_NAME,
            **self._request.get("Environment", {}),
        }

    def _train(self, program: LocalProgram, command: Command, metrics: MetricReader) -> int:
        """Runs the program to its end; returns its exit code."""
        key, config = self._record.key, self._request.get("CheckpointConfig")
        checkpoints = Checkpoints(self._s3, config, self._sandbox.opt_ml) if config else None
        if checkpoints is not None:
            checkpoints.restore()
        environment = self._environment()
        self._job.move("Training")
        stream = f"{key.name}/{HOST_NAME}-{int(time.time())}"
        process = self._machine.start(self._sandbox, program, command, environment, self._sandbox.directory.name)
        shipper = LogShipper(self._machine.clients, key, self._sandbox.log, LOG_GROUP, stream, metrics)
        try:
            self._job.set(_Processes=[{"pid": process.pid, "started": process.started}])
            return self._watch(process, checkpoints)
        finally:
            process.kill()
            shipper.close()
            self._job.set(_Processes=None)
            if checkpoints is not None:
                checkpoints.upload()

    def _watch(self, process: SandboxedProcess, checkpoints: Checkpoints | None) -> int:
        """Waits for the exit code; stops the process when the job is to stop or has run too long."""
        deadline = time.monotonic() + self._request["StoppingCondition"]["MaxRuntimeInSeconds"]
        next_checkpoint = time.monotonic() + CHECKPOINT_EVERY_SECONDS
        while (exit_code := process.wait(_POLL_SECONDS)) is None:
            if self._closing.is_set():
                raise JobFailed(EMULATOR_ENDED)
            self._max_runtime_passed = time.monotonic() > deadline
            if self._stopping.is_set() or self._max_runtime_passed:
                self._job.move("Stopping")
                process.stop(self._stop_grace_seconds)
            elif checkpoints is not None and time.monotonic() > next_checkpoint:
                checkpoints.upload()
                next_checkpoint = time.monotonic() + CHECKPOINT_EVERY_SECONDS
        return exit_code

    def _finish(self, exit_code: int, metrics: MetricReader) -> None:
        stopped = self._stopping.is_set()
        if exit_code != 0 and not stopped and not self._max_runtime_passed:
            self._upload_output_data()
            raise JobFailed(failure_reason(self._sandbox, exit_code))
        self._job.move("Uploading")
        artifacts = self._output_uri("model.tar.gz")
        model = self._sandbox.opt_ml / "model"
        storage.upload_archive(self._s3, model, artifacts, self._sandbox.directory, self._encryption())
        self._upload_output_data()
        body: dict[str, Any] = {"ModelArtifacts": {"S3ModelArtifacts": artifacts}}
        if metrics.final:
            body["FinalMetricDataList"] = [
                {"MetricName": datum.name, "Value": datum.value, "Timestamp": datum.timestamp}
                for datum in metrics.final.values()
            ]
        if stopped:
            self._job.move("Stopped", status="Stopped", **body)
        elif self._max_runtime_passed:
            self._job.move("MaxRuntimeExceeded", status="Stopped", **body)
        else:
            self._job.move("Completed", status="Completed", **body)

    def _upload_output_data(self) -> None:
        directory = self._sandbox.opt_ml / "output" / "data"
        if directory.is_dir() and any(directory.iterdir()):
            uri = self._output_uri("output.tar.gz")
            storage.upload_archive(self._s3, directory, uri, self._sandbox.directory, self._encryption())

    def _output_uri(self, name: str) -> str:
        path: str = self._request["OutputDataConfig"]["S3OutputPath"]
        return f"{path.rstrip('/')}/{self._record.key.name}/output/{name}"

    def _encryption(self) -> dict[str, str]:
        return storage.encryption(self._request["OutputDataConfig"].get("KmsKeyId"))


def _command(specification: Mapping[str, Any], program: LocalProgram) -> Command:
    arguments = specification.get("ContainerArguments", [])
    if "ContainerEntrypoint" in specification:
        return Command((*specification["ContainerEntrypoint"], *arguments), replaces_entrypoint=True)
    if program.train is None:
        raise JobFailed(
            f"ClientError: the local program of '{specification['TrainingImage']}' has no command to train. "
            "Register one, or give the job a ContainerEntrypoint."
        )
    return Command((*program.train, *arguments))
