"""One processing job on its way: configuration, inputs, a process per host, and its outputs.

Source: "How Amazon SageMaker Processing Configures Input and Output For Your Processing Container" in the developer
guide.
"""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sagecraft_emulator.container.container import Command
from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.container.processors import thread_variables
from sagecraft_emulator.container.quota import VolumeQuota
from sagecraft_emulator.container.sandbox import SandboxedProcess
from sagecraft_emulator.data.channel import ChannelRecords
from sagecraft_emulator.data.pipe_channel import PipeChannel, raise_first_error
from sagecraft_emulator.data.storage import S3Object, StorageError, download_objects, encryption
from sagecraft_emulator.data.uploaded_directory import UploadedDirectory
from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.jobs.cluster import Cluster, ClusterHost
from sagecraft_emulator.jobs.cluster_watch import Ending, watch
from sagecraft_emulator.jobs.command import job_command
from sagecraft_emulator.jobs.failure import beginning, failure_reason
from sagecraft_emulator.jobs.logs import LogShipper
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.work import JobContext, job_directory

from .input import ProcessingInput

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
        self._sources = [
            ProcessingInput.of(each)
            for each in self._request.get("ProcessingInputs", [])
            if not each.get("AppManaged", False)
        ]
        self._inputs: list[tuple[ProcessingInput, ChannelRecords]] = []
        size_gib = self._request["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"]
        self._quota = VolumeQuota(self._cluster.sandboxes, size_gib)
        self._next_upload = 0.0

    def run(self) -> None:
        """Goes through all of it.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """
        specification = self._request["AppSpecification"]
        program = self._context.images.resolve(specification["ImageUri"])
        command = job_command(specification, program.process, image=specification["ImageUri"], use="process")
        self._cluster.make()
        try:
            self._job.set(ProcessingStartTime=time.time())
            self._inputs = [(source, self._look_up(source)) for source in self._sources]
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
        for source, records in self._inputs:
            self._download(source, records, host, index)
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

    def _look_up(self, source: ProcessingInput) -> ChannelRecords:
        try:
            records = source.channel.records(self._s3)
        except StorageError as error:
            raise _download_failed(source, str(error)) from error
        if not records.members:
            raise _download_failed(
                source,
                f"No S3 objects found under '{source.channel.uri}'. Put objects there, and let the role "
                f"'{self._request['RoleArn']}' read them.",
            )
        return records

    def _download(self, source: ProcessingInput, records: ChannelRecords, host: ClusterHost, index: int) -> None:
        target = _local(host, source.local_path)
        if source.channel.input_mode == "Pipe":
            target.parent.mkdir(parents=True, exist_ok=True)
            return
        try:
            target.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            why = f"its LocalPath '{source.local_path}' is a file of another input. Give it a path of its own."
            raise _download_failed(source, why) from error
        members = records.of_host(index, self._cluster.count)
        objects = [part for member in members for part in member if isinstance(part, S3Object)]
        self._quota.check_download(host.name, sum(each.size or 0 for each in objects))
        try:
            download_objects(self._s3, objects, target, gunzip=source.channel.gzip)
        except StorageError as error:
            raise _download_failed(source, str(error)) from error

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

        with ExitStack() as ending:
            pipes = self._open_pipes(ending)
            logs = ending.enter_context(ExitStack())
            ending.callback(self._cluster.kill)
            self._job.set(_Processes=self._cluster.start(start))
            shippers: list[LogShipper] = []
            for host in self._cluster.hosts:
                stream = f"{key.name}/{host.name}-{began}"
                shippers.append(LogShipper(self._machine.clients, key, host.sandbox.log, LOG_GROUP, stream))
                logs.callback(shippers[-1].close)

            def meanwhile() -> None:
                self._quota.watch()
                for shipper in shippers:
                    shipper.check()
                raise_first_error(pipes)
                self._upload_continuously()

            ended = watch(
                self._cluster,
                self._context,
                max_runtime_seconds=self._request["StoppingCondition"]["MaxRuntimeInSeconds"],
                meanwhile=meanwhile,
            )
            raise_first_error(pipes)
            self._quota.check()
            return ended

    def _open_pipes(self, ending: ExitStack) -> list[PipeChannel]:
        pipes = []
        for source, records in self._inputs:
            if source.channel.input_mode == "Pipe":
                for index, host in enumerate(self._cluster.hosts):
                    directory = _local(host, source.local_path).parent
                    pipe = PipeChannel(self._s3, records, index, self._cluster.count, directory)
                    ending.callback(pipe.close)
                    pipes.append(pipe)
        return pipes

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
            if text := beginning(host.sandbox.opt_ml / "output" / "message"):
                return {"ExitMessage": text}
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
        directory = _local(host, output["LocalPath"])
        return UploadedDirectory(self._s3, directory, output["S3Uri"], encryption(key_id))


def _download_failed(source: ProcessingInput, why: str) -> JobFailed:
    return JobFailed(f"ClientError: Failed to download data of input '{source.name}': {why}")


def _local(host: ClusterHost, path: str) -> Path:
    """What a host sees at an absolute path below `/opt/ml`."""
    return host.sandbox.opt_ml / PurePosixPath(path).relative_to(_OPT_ML)
