"""Versions of pipelines: each definition that a pipeline has had."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, RecordExists, RecordMissing, resource_not_found
from sagecraft_emulator.state.store import Record

from .records import PIPELINE, VERSION, version_key

VERSION_ID: Final = "PipelineVersionId"
TOLD: Final = ("PipelineVersionDisplayName", "PipelineVersionDescription")
"""What a version says of itself."""
DEFINITION: Final = "PipelineDefinition"
_LAST: Final = "LastExecutedPipelineExecutionArn"


class PipelineVersionKind(ResourceKind):
    """`ListPipelineVersions` and `UpdatePipelineVersion`; versions are made by `CreatePipeline` and `UpdatePipeline`.

    The first is 1, and the list begins with the last.

    Source: `test_pipeline_versioning` in `tests/integ/sagemaker/workflow/test_workflow.py` of
    https://github.com/aws/sagemaker-python-sdk. That a definition which is as before makes no version is our choice: no
    public source tells what AWS does.
    """

    kind, arn_type, spoken = VERSION, "pipeline", "pipeline version"
    plural, list_member = "PipelineVersions", "PipelineVersionSummaries"
    filters = frozenset({"PipelineName"})
    searched_as = "PipelineVersion"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {"ListPipelineVersions": self.list, "UpdatePipelineVersion": self.update}

    def keep(self, pipeline: Record) -> Record:
        """The last version of a pipeline, which is made where its definition is not that of the last one."""
        last = max(self.each(pipeline), key=_number, default=None)
        definition = pipeline.body[DEFINITION]
        if last is not None and last.body[DEFINITION] == definition:
            return last
        number = 1 if last is None else _number(last) + 1
        body = {"PipelineArn": pipeline.arn, VERSION_ID: number, DEFINITION: definition}
        try:
            return self.store.create(version_key(pipeline.key, number), arn="", status=None, body=body)
        except RecordExists:  # another request has made one in this moment
            return self.keep(pipeline)

    def each(self, pipeline: Record) -> list[Record]:
        """The versions of a pipeline."""
        records = self.store.each(VERSION, pipeline.key.account, pipeline.key.region)
        return [each for each in records if each.key.name.startswith(f"{pipeline.key.name}/")]

    def find(self, pipeline: Record, number: int | None) -> Record:
        """A version of a pipeline, the last where none is named.

        Raises:
            ApiError: There is none of that number.
        """
        if number is None:
            return self.keep(pipeline)
        with suppress(RecordMissing):
            return self.store.get(version_key(pipeline.key, number))
        numbers = ", ".join(map(str, sorted(map(_number, self.each(pipeline)))))
        raise resource_not_found(f"Pipeline '{pipeline.arn}' has no version {number}. It has: {numbers}.")

    def begun(self, version: Record, execution_arn: str) -> None:
        """Notes that an execution has begun of a version."""
        self.store.update(version.key, body={_LAST: execution_arn})

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes what a version is called, and how it is described."""
        version = self.find(self._pipeline(caller, request["PipelineArn"]), request[VERSION_ID])
        self.store.update(version.key, body={name: request[name] for name in TOLD if name in request})
        return {"PipelineArn": version.body["PipelineArn"], VERSION_ID: version.body[VERSION_ID]}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the versions of a pipeline, the last first unless another order is asked for."""
        pipeline = self._pipeline(caller, request["PipelineName"])
        self.keep(pipeline)
        return super().list(caller, {**request, "PipelineName": pipeline.key.name})

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a version passes the filters of a List request."""
        return record.key.name.startswith(f"{request['PipelineName']}/") and super().passes(record, request)

    def sort_key(self, record: Record, sort_by: str) -> Any:  # noqa: ARG002 - a request cannot say by what
        """What a List answer is sorted by."""
        return record.body[VERSION_ID]

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        view = super().view(record)
        if _LAST in record.body:
            view["LastExecutionPipelineExecutionArn"] = record.body[_LAST]
        return view

    def searched(self, record: Record) -> dict[str, Any]:
        """The members of a version that `Search` finds it by: those of its last execution among them."""
        view = self.view(record)
        with suppress(RecordMissing, KeyError):
            execution = self.store.find_arn(record.body[_LAST])
            view["LastExecutedPipelineExecutionStatus"] = execution.status
            view["LastExecutedPipelineExecutionDisplayName"] = execution.body["PipelineExecutionDisplayName"]
        return view

    def _pipeline(self, caller: Caller, name: str) -> Record:
        """The pipeline of a name or an ARN.

        Raises:
            ApiError: There is none.
        """
        name = name.rpartition("/")[2]
        with suppress(RecordMissing):
            return self.store.get(self.key(caller, name)._replace(kind=PIPELINE))
        raise missing_pipeline(caller.arn("pipeline", name))


def _number(version: Record) -> int:
    return int(version.body[VERSION_ID])


def missing_pipeline(arn: str) -> ApiError:
    """AWS's answer to a name that there is not."""
    return resource_not_found(f"Pipeline '{arn}' does not exist.")
