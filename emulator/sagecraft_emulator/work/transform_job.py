"""One batch transform job on its way: its instances, their objects, and the predictions.

Source: "Batch transform for inference with Amazon SageMaker AI" in the developer guide.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from threading import Event
from typing import Any, Final

from sagecraft_emulator.errors import RecordMissing

from .data_processing import DataProcessing
from .hosted_instance import Cancelled, HostedInstance, ServingProgram
from .job_failure import JobFailed
from .job_record import JobRecord
from .job_runner import EMULATOR_ENDED, JobContext, job_directory
from .logs import LogShipper
from .manifest import list_objects
from .model_data import ModelData
from .processors import thread_variables
from .storage import S3Object, encryption, upload
from .transform_client import TransformClient
from .transform_object import ObjectTransform
from .transform_settings import TransformSettings, batch_environment, execution_parameters

LOG_GROUP: Final = "/aws/sagemaker/TransformJobs"
STARTUP_SECONDS: Final = 8 * 60.0
WORKERS_VARIABLE: Final = "SAGEMAKER_MODEL_SERVER_WORKERS"
STOP_GRACE_SECONDS: Final = 30.0


class TransformJob:
    """A transform job that is to run.

    Args:
        context: What it is given.
    """

    def __init__(self, context: JobContext) -> None:
        self._context, self._record, self._machine = context, context.record, context.machine
        self._request, self._key = context.record.body, context.record.key
        self._job = JobRecord(context.store, self._key)
        self._s3 = context.machine.clients.s3(self._key.account, self._key.region)
        self._directory = job_directory(context.machine, self._key)
        self._failed = Event()

    def run(self) -> None:
        """Goes through all of it.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """
        self._job.set(TransformStartTime=time.time())
        objects = self._objects()
        with ExitStack() as ending:
            self._directory.mkdir(parents=True, exist_ok=True)
            instances = self._start(ending)
            if instances:
                self._transform(objects, instances, ending)
        if self._context.closing.is_set():
            raise JobFailed(EMULATOR_ENDED)
        self._job.end("Stopped" if self._context.stopping.is_set() else "Completed")

    def _ends(self) -> bool:
        return self._context.stopping.is_set() or self._context.closing.is_set() or self._failed.is_set()

    def _objects(self) -> Sequence[S3Object]:
        source = self._request["TransformInput"]["DataSource"]["S3DataSource"]
        objects = list_objects(self._s3, source["S3DataType"], source["S3Uri"])
        if not objects:
            raise JobFailed(
                f"ClientError: No objects found under the S3 URI '{source['S3Uri']}'. Put objects there, and let the "
                "role of the model read them."
            )
        return objects

    def _model(self) -> Mapping[str, Any]:
        name = self._request["ModelName"]
        try:
            return self._context.store.get(self._key._replace(kind="Model", name=name)).body
        except RecordMissing as error:
            raise JobFailed(f"ClientError: the model '{name}' was deleted.") from error

    def _start(self, ending: ExitStack) -> list[HostedInstance]:
        """Starts the instances and waits until they are ready; none when the job ends meanwhile."""
        model = self._model()
        container = model["PrimaryContainer"] if "PrimaryContainer" in model else model["Containers"][0]
        program = self._context.images.resolve(container["Image"])
        if program.serve is None:
            raise JobFailed(f"ClientError: the local program of '{container['Image']}' has no command to serve.")
        count = self._request["TransformResources"]["InstanceCount"]
        cores = max(1, self._context.cores // count)

        def environment() -> dict[str, str]:
            return {
                **self._machine.environment(self._key, model.get("ExecutionRoleArn")),
                **thread_variables(1),
                WORKERS_VARIABLE: str(cores),
                **batch_environment(self._request),
                **container.get("Environment", {}),
                **self._request.get("Environment", {}),
            }

        serving = ServingProgram(
            self._key,
            "transform job " + self._key.name,
            LOG_GROUP,
            f"{self._key.name}/",
            program,
            program.serve,
            environment,
            STARTUP_SECONDS,
        )
        instances = [HostedInstance(self._machine, serving, self._directory, self._ends) for _ in range(count)]
        ending.callback(_stop_all, instances)
        data = ModelData.of_container(container)
        if data is not None:
            data.place(self._s3, self._directory, [each.model_directory for each in instances])
        for each in instances:
            each.start()
        self._job.set(_Processes=[each.process for each in instances])
        try:
            for each in instances:
                each.wait_until_ready()
        except Cancelled:
            return []
        return instances

    def _transform(self, objects: Sequence[S3Object], instances: Sequence[HostedInstance], ending: ExitStack) -> None:
        source, output = self._request["TransformInput"], self._request["TransformOutput"]
        settings = TransformSettings.of(self._request, execution_parameters(instances[0].port))
        self._log_settings(settings, ending)
        filters = self._request["DataProcessing"]
        content_type = source.get("ContentType")
        transform = ObjectTransform(
            self._s3,
            settings,
            DataProcessing(
                (content_type or "").partition(";")[0],
                filters["InputFilter"],
                filters["OutputFilter"],
                filters["JoinSource"] == "Input",
            ),
            source["SplitType"],
            source["CompressionType"] == "Gzip",
            output["AssembleWith"] == "Line",
            self._ends,
        )

        def work(index: int) -> None:
            accept = output.get("Accept")
            client = TransformClient(instances[index], settings, content_type, accept, self._ends)
            with closing(client), ThreadPoolExecutor(settings.concurrent) as pool:
                for each in objects[index :: len(instances)]:
                    target = self._directory / "output" / f"{each.name}.out"
                    transform.run(each, client, pool, target)
                    if self._ends():
                        return
                    uri = f"{output['S3OutputPath'].rstrip('/')}/{each.name}.out"
                    upload(self._s3, target, uri, encryption(output["KmsKeyId"]))
                    target.unlink()

        with ThreadPoolExecutor(len(instances)) as pool:
            running = [pool.submit(work, index) for index in range(len(instances))]
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            if any(each.exception() is not None for each in done):
                self._failed.set()
        for each in done:
            each.result()

    def _log_settings(self, settings: TransformSettings, ending: ExitStack) -> None:
        """Begins the job's data log, as SageMaker does, with how the container is asked."""
        log = self._directory / "data-log"
        log.write_text(f"sagemaker logs: {settings}\n", encoding="utf-8")
        stream = f"{self._key.name}/data-log"
        ending.callback(LogShipper(self._machine.clients, self._key, log, LOG_GROUP, stream).close)


def _stop_all(instances: Sequence[HostedInstance]) -> None:
    with ThreadPoolExecutor(len(instances)) as pool:
        list(pool.map(lambda each: each.stop(STOP_GRACE_SECONDS), instances))
