"""Pipelines: their requests and records."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from botocore.exceptions import ClientError

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.errors import ApiError, RecordMissing, validation_error
from sagecraft_emulator.state.store import Record, RecordKey, Store

from . import cache
from .definition import checks
from .definition.document import Definition
from .records import CALLBACK, EXECUTION, STEP, UNDER_WAY, VERSION
from .version_kind import DEFINITION, TOLD, VERSION_ID, PipelineVersionKind, missing_pipeline

LOCATION: Final = "PipelineDefinitionS3Location"
_TOKEN: Final = "_ClientRequestToken"  # noqa: S105 - by which a request is known to be the same
_CHANGED: Final = "_Changed"
"""In a record: when it was changed by a request, and not because an execution has begun."""


class PipelineKind(ResourceKind):
    """`CreatePipeline` and its siblings.

    Args:
        store: Where records are.
        versions: The kind of its versions.
        clients: To the host, where definitions may be.
        check: Refuses a definition that this machine cannot run.
    """

    kind, arn_type, spoken = "Pipeline", "pipeline", "pipeline"
    plural, list_member = "Pipelines", "PipelineSummaries"
    filters = frozenset({"PipelineNamePrefix"})
    searched_as = "Pipeline"

    def __init__(
        self, store: Store, versions: PipelineVersionKind, clients: Clients, check: Callable[[Definition], None]
    ) -> None:
        super().__init__(store)
        self._versions, self._clients, self._check = versions, clients, check

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdatePipeline": self.update}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a pipeline; the same request again is answered as the first time.

        Raises:
            ApiError: Its definition is wrong or cannot run here, or its name is taken.
        """
        with suppress(RecordMissing):
            present = self.store.get(self.key(caller, self.name_in(request)))
            if present.body[_TOKEN] == request["ClientRequestToken"]:
                return {"PipelineArn": present.arn}
            raise self.taken(present.arn)
        text = self._definition(caller, request)
        if text is None:
            raise validation_error(f"Either {DEFINITION} or {LOCATION} must be given.")
        self._check(checks.read(text))
        kept = {name: value for name, value in request.items() if name not in {LOCATION, "ClientRequestToken"}}
        body = {
            DEFINITION: text,
            "PipelineDisplayName": request.get("PipelineDisplayName", self.name_in(request)),
            "CreatedBy": {},
            "LastModifiedBy": {},
            _TOKEN: request["ClientRequestToken"],
        }
        record = self.add(caller, kept, status="Active", body=body)
        self._versions.keep(record)
        return {"PipelineArn": record.arn}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes a pipeline; executions that run go on by the definition with which they began.

        Raises:
            ApiError: There is none of that name, or its new definition is wrong or cannot run here.
        """
        record = self.record(caller, self.name_in(request))
        body = {name: value for name, value in request.items() if name not in {LOCATION, "PipelineName"}}
        text = self._definition(caller, request)
        if text is not None:
            self._check(checks.read(text))
            body[DEFINITION] = text
        record = self.store.update(record.key, body={**body, _CHANGED: time.time()})
        return {"PipelineArn": record.arn, VERSION_ID: self._versions.keep(record).body[VERSION_ID]}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a pipeline, with the definition of one of its versions where one is asked for.

        Raises:
            ApiError: There is none of that name or number.
        """
        record = self.record(caller, self.name_in(request))
        version = self._versions.find(record, request.get(VERSION_ID)).body
        told: dict[str, Any] = {name: version[name] for name in (DEFINITION, *TOLD) if name in version}
        return {**self.view(record), **told}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a pipeline and its executions.

        Raises:
            ApiError: There is none of that name, or one of its executions runs.
        """
        record = self.record(caller, self.name_in(request))
        executions = [each.key for each in self._parts(EXECUTION, record.key)]
        running = [key.name for key in executions if self.store.get(key).status in UNDER_WAY]
        if running:
            raise ApiError(
                "ConflictException",
                f"Pipeline '{record.arn}' cannot be deleted while executions of it run: "
                f"{', '.join(name.rpartition('/')[2] for name in running)}. Stop them first.",
            )
        for kind in (STEP, EXECUTION, VERSION, cache.KIND):
            for each in self._parts(kind, record.key):
                self.store.delete(each.key)
        for each in self.store.find(CALLBACK, caller.account, caller.region):
            if each.body["PipelineExecutionArn"].startswith(f"{record.arn}/"):
                self.store.delete(each.key)
        self.store.delete(record.key)
        return {"PipelineArn": record.arn}

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a pipeline passes the filters of a List request."""
        return record.key.name.startswith(request.get("PipelineNamePrefix", "")) and super().passes(record, request)

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        view = {**super().view(record), "LastModifiedTime": record.body.get(_CHANGED, record.created)}
        if "LastRunTime" in view:
            view["LastExecutionTime"] = view["LastRunTime"]
        return view

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of the pipeline that a request is of, which may give its ARN."""
        name: str = request["PipelineName"]
        return name.rpartition("/")[2]

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken, by which the SageMaker SDK knows to update."""
        name = arn.rpartition("/")[2]
        return validation_error(
            f"Pipeline names must be unique within an AWS account and region. Pipeline with name ({name}) already "
            "exists."
        )

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the ARN
        """AWS's answer to a name that there is not."""
        return missing_pipeline(arn)

    def _parts(self, kind: str, pipeline: RecordKey) -> Sequence[Record]:
        records = self.store.each(kind, pipeline.account, pipeline.region)
        return [each for each in records if each.key.name.startswith(f"{pipeline.name}/")]

    def _definition(self, caller: Caller, request: Mapping[str, Any]) -> str | None:
        """The definition that a request gives, or says where it is.

        Raises:
            ApiError: It does both, or the object is not there.
        """
        location = request.get(LOCATION)
        if location is None:
            text: str | None = request.get(DEFINITION)
            return text
        if DEFINITION in request:
            raise validation_error(f"Only one of {DEFINITION} and {LOCATION} may be given.")
        version = {"VersionId": location["VersionId"]} if "VersionId" in location else {}
        try:
            answer = self._clients.s3(*caller).get_object(
                Bucket=location["Bucket"], Key=location["ObjectKey"], **version
            )
            if answer["ContentLength"] > checks.LARGEST_BYTES:
                raise validation_error(
                    f"The definition at s3://{location['Bucket']}/{location['ObjectKey']} has "
                    f"{answer['ContentLength']:,} bytes, and may have {checks.LARGEST_BYTES:,} at most."
                )
            return answer["Body"].read().decode()
        except (ClientError, UnicodeDecodeError) as error:
            raise validation_error(
                f"The definition at s3://{location['Bucket']}/{location['ObjectKey']} cannot be read: {error}"
            ) from error
