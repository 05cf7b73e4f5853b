"""One training job on its way: its runs, one after the other, and what it leaves."""

import logging
import time
from collections.abc import Mapping
from contextlib import closing
from math import inf, isfinite
from typing import Any, Final

from sagecraft_catalog import MetricDefinition
from sagecraft_containers.contract import SUBMIT_DIRECTORY_HYPERPARAMETER

from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.errors import EmulatorError, JobFailed
from sagecraft_emulator.jobs.cluster import Cluster
from sagecraft_emulator.jobs.cluster_watch import Ending
from sagecraft_emulator.jobs.command import job_command
from sagecraft_emulator.jobs.failure import failure_reason
from sagecraft_emulator.jobs.work import EMULATOR_ENDED, JobContext, job_directory
from sagecraft_emulator.metrics.reader import MetricReader
from sagecraft_emulator.training.spot import Interrupted, ManagedSpot, billable_seconds

from .hosts import training_hosts
from .output import TrainingOutput
from .record import TrainingJobRecord
from .run import TrainingRun

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.1


class TrainingJob:
    """A training job that is to run.

    It runs once, unless the instances of a managed spot job are taken away, or the emulator itself fails and the job
    has a `RetryStrategy`: then it starts again, from its checkpoints.

    Args:
        context: What it is given.
    """

    def __init__(self, context: JobContext) -> None:
        self._context, self._record, self._request = context, context.record, context.record.body
        self._job = TrainingJobRecord(context.store, context.record.key)
        self._is_spot: bool = self._request.get("EnableManagedSpotTraining", False)
        self._instance_seconds = 0.0
        self._interruptions = 0
        self._retries_left: int = self._request.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)

    def run(self) -> None:
        """Goes through all of it, and ends the record.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """
        specification, key = self._request["AlgorithmSpecification"], self._record.key
        script = self._request.get("HyperParameters", {}).get(SUBMIT_DIRECTORY_HYPERPARAMETER, "")
        program = self._context.images.resolve(specification["TrainingImage"], script)
        command = job_command(specification, program.train, image=specification["TrainingImage"], use="train")
        metrics, told = self._metrics(specification, program)
        tags = self._context.store.tags(self._record.arn) if self._is_spot else {}
        spot = ManagedSpot.of(tags)
        hosts = training_hosts(self._request["ResourceConfig"])
        cluster = Cluster(job_directory(self._context.machine, key), len(hosts))
        run = TrainingRun(self._context, self._job, hosts, cluster, program, command, metrics)
        s3 = self._context.machine.clients.s3(key.account, key.region)
        output = TrainingOutput(s3, key.name, self._request["OutputDataConfig"], cluster)
        beginning: dict[str, Any] = {"TrainingStartTime": time.time(), **told}
        with closing(metrics):
            while not self._is_over() and not self._ends(run, spot, output, beginning):
                beginning = {}

    def _ends(self, run: TrainingRun, spot: ManagedSpot, output: TrainingOutput, beginning: Mapping[str, Any]) -> bool:
        """Runs the job once; whether its record has ended by that, and it is not to run again."""
        seconds, passed = self._seconds_left()
        if not beginning:
            self._job.move("Starting", _Processes=None)
        began = time.monotonic()
        try:
            run.cluster.make()
            self._job.move("Downloading", **beginning)
            try:
                after = spot.after(self._interruptions)
                ending = run.run(seconds=seconds, interrupt_after=after, computed=self._give_cores_back)
            finally:
                self._instance_seconds += time.monotonic() - began
            self._finish(ending, passed, output, run)
        except Interrupted:
            self._interruptions += 1
            self._wait_for_instances(spot.interrupted_for)
            return False
        except EmulatorError:
            self._bill()
            raise
        except Exception:
            if self._retries_left == 0 or self._context.closing.is_set():
                self._bill()
                raise
            self._retries_left -= 1
            logger.exception("The training job %s is tried again", self._record.key.name)
            return False
        finally:
            run.cluster.remove()
        return True

    def _give_cores_back(self) -> None:
        """Lets the next job begin, unless this one may have to run again."""
        if self._retries_left == 0:
            self._context.release_cores()

    def _is_over(self) -> bool:
        """Ends a job that is to stop or has no time left; whether it did."""
        seconds, passed = self._seconds_left()
        if self._context.stopping.is_set():
            self._end("Stopped", "Stopped")
        elif seconds <= 0:
            self._end(passed, "Stopped")
        else:
            return False
        return True

    def _seconds_left(self) -> tuple[float, str]:
        """How long the processes may run still, and the secondary status of a job that did."""
        runtime = self._request["StoppingCondition"]["MaxRuntimeInSeconds"] - self._instance_seconds
        return min((runtime, "MaxRuntimeExceeded"), (self._wait_left(), "MaxWaitTimeExceeded"))

    def _wait_left(self) -> float:
        """How long the job may take still, with the time for which it has no instances."""
        max_wait = self._request["StoppingCondition"].get("MaxWaitTimeInSeconds", inf) if self._is_spot else inf
        return float(self._record.created + max_wait - time.time())

    def _wait_for_instances(self, seconds: float) -> None:
        self._job.move("Interrupted", _Processes=None)
        until = time.monotonic() + min(seconds, self._wait_left())
        while time.monotonic() < until and not self._context.stopping.wait(_POLL_SECONDS):
            if self._context.closing.is_set():
                raise JobFailed(EMULATOR_ENDED)

    def _metrics(
        self, specification: Mapping[str, Any], program: LocalProgram
    ) -> tuple[MetricReader, Mapping[str, Any]]:
        """Reads the metrics that the request defines, and those that AWS's algorithm brings along.

        Returns:
            What reads them, and the members of the record that tell of the latter.
        """
        asked = [MetricDefinition(each["Name"], each["Regex"]) for each in specification.get("MetricDefinitions", [])]
        names = {definition.name for definition in asked}
        definitions = [*asked, *(each for each in program.metric_definitions if each.name not in names)]
        told = {}
        if len(definitions) > len(asked):
            all_told = [{"Name": each.name, "Regex": each.regex} for each in definitions]
            told = {"AlgorithmSpecification": {**specification, "MetricDefinitions": all_told}}
        return MetricReader(definitions, self._context.on_metric), told

    def _finish(self, ending: Ending | None, passed: str, output: TrainingOutput, run: TrainingRun) -> None:
        if ending is None:
            self._end("Stopped", "Stopped")
            return
        if ending.failed:
            output.upload_data()
            host = ending.exit.host.name if len(training_hosts(self._request["ResourceConfig"])) > 1 else None
            of_aws = run.program.algorithm is not None
            raise JobFailed(failure_reason(ending.exit.host.sandbox, ending.exit.code, host, of_aws=of_aws))
        self._job.move("Uploading", _Processes=None)
        body: dict[str, Any] = {"ModelArtifacts": {"S3ModelArtifacts": output.upload_model()}}
        output.upload_data()
        told = [
            {"MetricName": datum.name, "Value": datum.value, "Timestamp": datum.timestamp}
            for datum in run.metrics.final.values()
            if isfinite(datum.value)  # JSON has no other numbers
        ]
        if told:
            body["FinalMetricDataList"] = told
        if ending.stopped:
            self._end("Stopped", "Stopped", **body)
        elif ending.max_runtime_passed:
            self._end(passed, "Stopped", **body)
        else:
            self._end("Completed", "Completed", **body)

    def _end(self, secondary: str, status: str, **body: Any) -> None:
        self._bill()
        if secondary == status:
            self._job.end(status, **body)
        else:
            self._job.move(secondary, status=status, **body)

    def _bill(self) -> None:
        """Says what is billed of a managed spot job; of others it is all of the time, as the record has it."""
        if self._is_spot and self._instance_seconds > 0:
            self._job.set(BillableTimeInSeconds=billable_seconds(self._instance_seconds))
