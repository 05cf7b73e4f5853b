"""One run of a training job on its hosts: input, the processes, and what is watched while they run."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sagecraft_emulator.container.container import Command
from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.container.processors import thread_variables
from sagecraft_emulator.container.quota import VolumeQuota
from sagecraft_emulator.container.sandbox import SandboxedProcess
from sagecraft_emulator.data.pipe_channel import PipeChannel, raise_first_error
from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.jobs.cluster import Cluster, ClusterHost
from sagecraft_emulator.jobs.cluster_watch import Ending, watch
from sagecraft_emulator.jobs.logs import LogShipper
from sagecraft_emulator.jobs.work import EMULATOR_ENDED, JobContext
from sagecraft_emulator.metrics.reader import MetricReader
from sagecraft_emulator.training.checkpoints import Checkpoints
from sagecraft_emulator.training.spot import Interrupted

from .hosts import TrainingHost
from .input import TrainingInput
from .record import TrainingJobRecord

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOG_GROUP: Final = "/aws/sagemaker/TrainingJobs"


@dataclass(frozen=True)
class TrainingRun:
    """One run. A job has several when it is interrupted, or retried.

    Attributes:
        context: What the job is given.
        job: Where its progress goes.
        hosts: What the job's hosts are.
        cluster: The hosts themselves, made.
        program: What runs on each.
        command: What starts it.
        metrics: Reads the log of each.
    """

    context: JobContext
    job: TrainingJobRecord
    hosts: Sequence[TrainingHost]
    cluster: Cluster
    program: LocalProgram
    command: Command
    metrics: MetricReader

    def run(self, *, seconds: float, interrupt_after: float | None, computed: Callable[[], None]) -> Ending | None:
        """Goes from the input to the end of the last process.

        Args:
            seconds: How long the processes may run.
            interrupt_after: After how many seconds of it the hosts are taken away; None for not at all.
            computed: Called when all processes have ended, before what they leave is taken care of.

        Returns:
            How it ended; None when the job was to stop before a process began.

        Raises:
            JobFailed: The input cannot be read or does not fit, or the emulator ends.
            StorageError: Checkpoints cannot be read or written.
            Interrupted: The hosts were taken away.
        """
        record, s3 = self.context.record, self._s3
        quota = VolumeQuota(self.cluster.sandboxes, record.body["ResourceConfig"].get("VolumeSizeInGB", 0))
        source = TrainingInput(s3, record.body, record.key.region, self.hosts)
        for host, place in self._places:
            quota.check_download(host.name, source.size(host))
            source.write_configuration(host, place.sandbox.opt_ml / "input" / "config")
            source.download(host, place.sandbox.opt_ml / "input" / "data", self._is_to_end)
        if self.context.closing.is_set():
            raise JobFailed(EMULATOR_ENDED)
        if self.context.stopping.is_set():
            return None
        checkpoints = [
            Checkpoints(s3, record.body, record.key.name, place.sandbox.opt_ml) for place in self.cluster.hosts
        ]
        for each in checkpoints:
            each.restore()
        with ExitStack() as ending:
            for each in checkpoints:
                ending.callback(each.upload)
            pipes, shippers = self._start(source, ending)
            interrupt_at = None if interrupt_after is None else time.monotonic() + interrupt_after

            def meanwhile() -> None:
                quota.watch()
                for shipper in shippers:
                    shipper.check()
                raise_first_error(pipes)
                if interrupt_at is not None and time.monotonic() >= interrupt_at:
                    self.cluster.stop(self.context.stop_grace_seconds)
                    raise Interrupted
                for each in checkpoints:
                    each.upload_in_time()

            ended = self._watch(seconds, meanwhile)
            self.cluster.kill()
            computed()
            raise_first_error(pipes)
            quota.check()
            return ended

    @property
    def _s3(self) -> "S3Client":
        key = self.context.record.key
        return self.context.machine.clients.s3(key.account, key.region)

    @property
    def _places(self) -> list[tuple[TrainingHost, ClusterHost]]:
        return list(zip(self.hosts, self.cluster.hosts, strict=True))

    def _is_to_end(self) -> bool:
        return self.context.stopping.is_set() or self.context.closing.is_set()

    def _watch(self, seconds: float, meanwhile: Callable[[], None]) -> Ending:
        return watch(
            self.cluster,
            self.context,
            max_runtime_seconds=seconds,
            stopping=lambda: self.job.move("Stopping"),
            meanwhile=meanwhile,
        )

    def _start(self, source: TrainingInput, ending: ExitStack) -> tuple[list[PipeChannel], list[LogShipper]]:
        """Starts the processes, with their pipes and the shipping of their logs; `ending` ends all of it."""
        record, machine, began = self.context.record, self.context.machine, int(time.time())
        environment = {
            **machine.environment(record.key, record.body["RoleArn"]),
            **thread_variables(self.context.cores // self.cluster.count),
            "TRAINING_JOB_NAME": record.key.name,
            "TRAINING_JOB_ARN": record.arn,
        }

        def start(host: ClusterHost) -> SandboxedProcess:
            own = {**environment, "CURRENT_HOST": host.name, **record.body.get("Environment", {})}
            name = f"{self.cluster.directory.name}-{host.name}"
            return machine.start(host.sandbox, self.program, self.command, own, name)

        pipes: list[PipeChannel] = []
        for host, place in self._places:
            for pipe in source.open_pipes(host, place.sandbox.opt_ml / "input" / "data"):
                ending.callback(pipe.close)
                pipes.append(pipe)
        logs = ending.enter_context(ExitStack())
        ending.callback(self.cluster.kill)
        self.job.move("Training", _Processes=self.cluster.start(start))
        shippers: list[LogShipper] = []
        for place in self.cluster.hosts:
            stream = f"{record.key.name}/{place.name}-{began}"
            shipper = LogShipper(machine.clients, record.key, place.sandbox.log, LOG_GROUP, stream, self.metrics)
            logs.callback(shipper.close)
            shippers.append(shipper)
        return pipes, shippers
