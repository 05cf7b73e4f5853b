"""One batch transform job on its way: its instances, their objects, and the predictions.

Source: "Batch transform for inference with Amazon SageMaker AI" in the developer guide.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from threading import Event
from typing import Any, Final

from sagecraft_emulator.container.processors import thread_variables
from sagecraft_emulator.container.removal import removal
from sagecraft_emulator.data.manifest import list_objects
from sagecraft_emulator.data.model_data import ModelData
from sagecraft_emulator.data.storage import S3Object, encryption, locate, no_objects, upload
from sagecraft_emulator.errors import JobFailed, RecordMissing
from sagecraft_emulator.hosting.instance import Cancelled, HostedInstance, InstanceFailed, ServingProgram
from sagecraft_emulator.hosting.model import served_container
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.work import EMULATOR_ENDED, JobContext, job_directory

from .client import TransformClient
from .data_processing import DataProcessing
from .log import DataLog
from .object import ObjectTransform
from .settings import TransformSettings, batch_environment, execution_parameters

LOG_GROUP: Final = "/aws/sagemaker/TransformJobs"
STARTUP_SECONDS: Final = 8 * 60.0
WORKERS_VARIABLE: Final = "SAGEMAKER_MODEL_SERVER_WORKERS"
STOP_GRACE_SECONDS: Final = 30.0
_WATCH_SECONDS: Final = 0.1


class TransformJob:
    """A transform job that is to run.

    Args:
        context: What it is given.
    """

    def __init__(self, context: JobContext) -> None:
        self._context, self._record = context, context.record
        self._request, self._key = context.record.body, context.record.key
        self._job = JobRecord(context.store, self._key)
        # A transform job has no role of its own: it does all as the model's.
        self._machine = context.machine.as_role(self._key, self._model().get("ExecutionRoleArn"))
        self._s3 = self._machine.clients.s3(self._key.account, self._key.region)
        self._directory = job_directory(context.machine, self._key)
        self._began = int(time.time())
        self._failed = Event()
        self._failures: list[Exception] = []

    def run(self) -> None:
        """Goes through all of it.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """
        self._job.set(TransformStartTime=time.time())
        objects = self._objects()
        with ExitStack() as ending:
            self._directory.mkdir(parents=True, exist_ok=True)
            ending.callback(removal.remove, self._directory)
            instances = self._start(ending)
            if instances:
                self._transform(objects, instances, ending)
        if self._context.stopping.is_set():
            self._job.end("Stopped")
        elif self._context.closing.is_set():
            raise JobFailed(EMULATOR_ENDED)
        elif self._failures:
            raise self._failures[0]
        else:
            self._job.end("Completed")

    def _ends(self) -> bool:
        return self._context.stopping.is_set() or self._context.closing.is_set() or self._failed.is_set()

    def _objects(self) -> Sequence[S3Object]:
        source = self._request["TransformInput"]["DataSource"]["S3DataSource"]
        objects = list_objects(self._s3, source["S3DataType"], source["S3Uri"])
        if not objects:
            role_arn = self._model().get("ExecutionRoleArn")
            raise JobFailed(f"ClientError: {no_objects(source['S3Uri'], self._key.region, role_arn)}")
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
        container = served_container(model)
        program = self._context.images.of_model(container)
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
            lambda instance_id: _stream(self._key.name, instance_id, self._began),
            program,
            program.serve,
            environment,
            STARTUP_SECONDS,
        )
        instances = [HostedInstance(self._machine, serving, self._directory, self._ends) for _ in range(count)]
        ending.callback(self._stop, instances)
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
        except InstanceFailed as error:
            self._failed.set()
            raise JobFailed(f"AlgorithmError: {error}") from error
        return instances

    def _transform(self, objects: Sequence[S3Object], instances: Sequence[HostedInstance], ending: ExitStack) -> None:
        """Shares the objects out among the instances by their keys, and waits until all are done or one has failed."""
        settings = TransformSettings.of(self._request, execution_parameters(instances[0].port))
        transform = self._object_transform(settings)
        lanes = ending.enter_context(ExitStack())
        running = []
        for index, instance in enumerate(instances):
            log = self._data_log(instance, lanes)
            log.say(str(settings))
            client = lanes.enter_context(closing(self._client(instance, settings)))
            own = deque(enumerate(objects[index :: len(instances)]))
            pool = lanes.enter_context(ThreadPoolExecutor(settings.concurrent))
            for _ in range(min(settings.concurrent, len(own))):
                running.append(pool.submit(self._work, own, transform, client, log))  # noqa: PERF401 - of each instance
        while wait(running, _WATCH_SECONDS).not_done and not self._ends():
            pass
        if self._ends():
            self._stop(instances)  # what is asked still breaks off

    def _work(
        self,
        own: deque[tuple[int, S3Object]],
        transform: ObjectTransform,
        client: TransformClient,
        log: DataLog,
    ) -> None:
        """Takes one of an instance's objects after the other, until there is none or the job ends."""
        output = self._request["TransformOutput"]
        while own and not self._ends():
            try:
                number, source = own.popleft()
            except IndexError:  # another has taken the last one
                return
            target = self._directory / "output" / f"{id(client)}-{number}"
            try:
                transform.run(source, client, target)
                if not self._ends():
                    place = locate(output["S3OutputPath"]) / f"{source.name}.out"
                    upload(self._s3, target, place.uri, encryption(output["KmsKeyId"]))
            except Exception as error:
                self._fail(error, log)
            finally:
                target.unlink(missing_ok=True)

    def _fail(self, error: Exception, log: DataLog) -> None:
        """Notes why the job fails; what others fail of, because it ends, is not why."""
        if not self._ends():
            self._failures.append(error)
            self._failed.set()
            log.say(str(error))

    def _object_transform(self, settings: TransformSettings) -> ObjectTransform:
        source, filters = self._request["TransformInput"], self._request["DataProcessing"]
        return ObjectTransform(
            self._s3,
            settings,
            DataProcessing(
                source.get("ContentType", "").partition(";")[0],
                filters["InputFilter"],
                filters["OutputFilter"],
                filters["JoinSource"] == "Input",
            ),
            source["SplitType"],
            source["CompressionType"] == "Gzip",
            self._request["TransformOutput"]["AssembleWith"] == "Line",
            self._ends,
        )

    def _client(self, instance: HostedInstance, settings: TransformSettings) -> TransformClient:
        content_type = self._request["TransformInput"].get("ContentType")
        return TransformClient(
            instance, settings, content_type, self._request["TransformOutput"].get("Accept"), self._ends
        )

    def _data_log(self, instance: HostedInstance, ending: ExitStack) -> DataLog:
        instance_id = instance.route.instance_id
        stream = _stream(self._key.name, instance_id, self._began)
        path = self._directory / f"{instance_id}.data-log"
        return ending.enter_context(closing(DataLog(self._machine.clients, self._key, path, LOG_GROUP, stream)))

    def _stop(self, instances: Sequence[HostedInstance]) -> None:
        """Ends the containers; at once when nobody waits for what they still do."""
        at_once = self._failed.is_set() or self._context.closing.is_set()
        grace_seconds = 0.0 if at_once else min(STOP_GRACE_SECONDS, self._context.stop_grace_seconds)
        with ThreadPoolExecutor(len(instances)) as pool:
            list(pool.map(lambda each: each.stop(grace_seconds), instances))


def _stream(job_name: str, instance_id: str, began: int) -> str:
    """The log stream of an instance's container."""
    return f"{job_name}/{instance_id}-{began}"
