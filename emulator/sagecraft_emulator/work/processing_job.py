"""One processing job on its way: configuration, inputs, a process per host, and its outputs.

Source: "How Amazon SageMaker Processing configures input and output for your processing container" in the developer guide.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Final

from . import storage
from .cluster import Cluster, ClusterHost
from .cluster_watch import Ending, watch
from .container import Command
from .images import LocalProgram
from .job_failure import JobFailed, failure_reason
from .job_record import FAILURE_CHARACTERS, JobRecord
from .job_runner import JobContext, job_directory
from .logs import LogShipper
from .processors import thread_variables
from .sandbox import SandboxedProcess
from .uploaded_directory import UploadedDirectory

LOG_GROUP: Final = "/aws/sagemaker/ProcessingJobs"
UPLOAD_EVERY_SECONDS: Final = 2.0
_OPT_ML: Final = PurePosixPath("/opt/ml")


class ProcessingJob:
    """A processing job that is to run.

    Args:
        context: What it is given.
    """

    def __init__(self, context: JobContext) -> None:
        self._context, self._record = context, context.record
        self._request, self._machine = context.record.body, context.machine
        self._job = JobRecord(context.store, context.record.key)
        key = context.record.key
        self._s3 = context.machine.clients.s3(key.account, key.region)
        count = self._request["ProcessingResources"]["ClusterConfig"]["InstanceCount"]
        self._cluster = Cluster(job_directory(context.machine, key), count)
        self._uploads = [
            (each, [self._uploaded(each["S3Output"], host) for host in self._cluster.hosts])
            for each in self._request.get("ProcessingOutputConfig", {}).get("Outputs", [])
            if not each.get("AppManaged", False)
        ]
        self._next_upload = 0.0

    def run(self) -> None:
        """Goes through all of it.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """
        specification = self._request["AppSpecification"]
        program = self._context.images.resolve(specification["ImageUri"])
        command = _command(specification, program)
        self._cluster.make()
        try:
            self._job.set(ProcessingStartTime=time.time())
            for index, host in enumerate(self._cluster.hosts):
                self._prepare(host, index)
                if self._context.stopping.is_set():
                    self._job.end("Stopped")
                    return
            self._finish(self._process(program, command))
        finally:
            self._cluster.remove()

    def _prepare(self, host: ClusterHost, index: int) -> None:
        """Writes a host's configuration, and copies its inputs."""
        config = host.sandbox.opt_ml / "config"
        config.mkdir()
        files = {
            "processingjobconfig.json": self._configuration(),
            "resourceconfig.json": {"current_host": host.name, "hosts": self._cluster.names},
        }
        for name, content in files.items():
            (config / name).write_text(json.dumps(content), encoding="utf-8")
        for each in self._request.get("ProcessingInputs", []):
            if not each.get("AppManaged", False):
                self._download(each["InputName"], each["S3Input"], host, index)
        for output, _ in self._uploads:
            _local(host, output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def _configuration(self) -> dict[str, Any]:
        named = {
            "ProcessingJobArn": self._record.arn,
            "ProcessingJobName": self._record.key.name,
            "ProcessingInputs": [],
            "ProcessingOutputConfig": {"Outputs": []},
            "Environment": {},
        }
        members = (
            "ProcessingInputs",
            "ProcessingOutputConfig",
            "ProcessingResources",
            "AppSpecification",
            "Environment",
            "RoleArn",
            "StoppingCondition",
            "NetworkConfig",
        )
        return named | {member: self._request[member] for member in members if member in self._request}

    def _download(self, name: str, source: dict[str, Any], host: ClusterHost, index: int) -> None:
        target = _local(host, source["LocalPath"])
        target.mkdir(parents=True, exist_ok=True)
        gunzip = source.get("S3CompressionType", "None") == "Gzip"
        try:
            count = storage.download_prefix(self._s3, source["S3Uri"], target, gunzip=gunzip)
        except storage.StorageError as error:
            raise JobFailed(f"ClientError: Failed to download data for input '{name}': {error}") from error
        if count == 0:
            raise JobFailed(
                f"ClientError: Failed to download data. No S3 objects found under '{source['S3Uri']}' of input "
                f"'{name}'. Put objects there, and let the role '{self._request['RoleArn']}' read them."
            )

    def _process(self, program: LocalProgram, command: Command) -> Ending:
        key = self._record.key
        began = int(time.time())
        environment = {
            **self._machine.environment(key, self._request["RoleArn"]),
            **thread_variables(self._context.cores // self._cluster.count),
            "PROCESSING_JOB_NAME": key.name,
            **self._request.get("Environment", {}),
        }

        def start(host: ClusterHost) -> SandboxedProcess:
            name = f"{self._cluster.directory.name}-{host.name}"
            return self._machine.start(host.sandbox, program, command, environment, name)

        shippers: list[LogShipper] = []
        try:
            self._job.set(_Processes=self._cluster.start(start))
            shippers = [
                LogShipper(self._machine.clients, key, host.sandbox.log, LOG_GROUP, f"{key.name}/{host.name}-{began}")
                for host in self._cluster.hosts
            ]
            return watch(
                self._cluster,
                self._context,
                max_runtime_seconds=self._request["StoppingCondition"]["MaxRuntimeInSeconds"],
                meanwhile=self._upload_continuously,
            )
        finally:
            self._cluster.kill()
            for shipper in shippers:
                shipper.close()

    def _finish(self, ending: Ending) -> None:
        message = self._exit_message()
        if ending.failed:
            self._job.set(**message)
            raise JobFailed(failure_reason(ending.exit.host.sandbox, ending.exit.code))
        self._upload(lambda _: True)
        if ending.stopped:
            self._job.end("Stopped", **message)
        elif ending.max_runtime_passed:
            seconds = self._request["StoppingCondition"]["MaxRuntimeInSeconds"]
            reason = f"ClientError: The processing job ran longer than MaxRuntimeInSeconds, {seconds}, and was stopped."
            self._job.end("Stopped", FailureReason=reason, **message)
        else:
            self._job.end("Completed", **message)

    def _exit_message(self) -> dict[str, str]:
        """What the first host that left a message says."""
        for host in self._cluster.hosts:
            file = host.sandbox.opt_ml / "output" / "message"
            if file.is_file() and (text := file.read_text("utf-8", errors="replace")):
                return {"ExitMessage": text[:FAILURE_CHARACTERS]}
        return {}

    def _upload_continuously(self) -> None:
        if time.monotonic() >= self._next_upload:
            self._upload(lambda output: output["S3Output"]["S3UploadMode"] == "Continuous")
            self._next_upload = time.monotonic() + UPLOAD_EVERY_SECONDS

    def _upload(self, chosen: Callable[[dict[str, Any]], bool]) -> None:
        for output, directories in self._uploads:
            if chosen(output):
                for directory in directories:
                    directory.upload()

    def _uploaded(self, output: dict[str, Any], host: ClusterHost) -> UploadedDirectory:
        key_id = self._request["ProcessingOutputConfig"].get("KmsKeyId")
        extra = storage.encryption(key_id)
        return UploadedDirectory(self._s3, _local(host, output["LocalPath"]), output["S3Uri"], extra)


def _local(host: ClusterHost, path: str) -> Path:
    """What a host sees at an absolute path below `/opt/ml`."""
    return host.sandbox.opt_ml / PurePosixPath(path).relative_to(_OPT_ML)


def _command(specification: dict[str, Any], program: LocalProgram) -> Command:
    arguments = specification.get("ContainerArguments", [])
    if "ContainerEntrypoint" in specification:
        return Command((*specification["ContainerEntrypoint"], *arguments), replaces_entrypoint=True)
    if program.process is None:
        raise JobFailed(
            f"ClientError: the local program of '{specification['ImageUri']}' has no command to process. Give the job "
            "a ContainerEntrypoint, such as ['python3', '/opt/ml/processing/input/code/script.py']."
        )
    return Command((*program.process, *arguments))
