"""The lineage that comes of work by itself: what jobs read and made, model packages, and endpoints that serve them.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/lineage-tracking-auto-creation.html
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import RecordExists, RecordMissing
from sagecraft_emulator.experiments.following import component_key
from sagecraft_emulator.experiments.of_job import KINDS
from sagecraft_emulator.state.store import Record, Store

from .artifact import ArtifactKind
from .association import AssociationKind, associate
from .entity import ASSOCIATION, CHANGING, ActionKind, ContextKind, LineageKind, ends_of
from .vertex import OF_EXPERIMENTS

_IMAGE: Final = "SageMaker.ImageUri"
_MODEL: Final = "SageMaker.ModelArtifact"
_DEBUG: Final = "SageMaker.DebugHookOutput"
_SERVED_DATA: Final = "SageMaker.ModelPrimary.DataUrl"

logger = logging.getLogger(__name__)


class LineageOfWork:
    """Makes artifacts, actions, contexts and associations of work as it goes on.

    Args:
        store: Where records are.
        artifacts: The artifacts.
        actions: The actions.
        contexts: The contexts.
        associations: The associations.
    """

    def __init__(
        self,
        store: Store,
        artifacts: ArtifactKind,
        actions: ActionKind,
        contexts: ContextKind,
        associations: AssociationKind,
    ) -> None:
        self._store, self._artifacts, self._actions, self._contexts = store, artifacts, actions, contexts
        self._associations = associations
        store.on_change(self._changed)
        store.on_delete(self._deleted)

    def _changed(self, before: Record | None, after: Record) -> None:
        caller = Caller(after.key.account, after.key.region)
        try:
            match after.key.kind:
                case kind if kind in KINDS and before is None:
                    self._job_begins(caller, after)
                case kind if kind in KINDS and after.status == "Completed":
                    self._job_ends(caller, after)
                case "ModelPackage" if before is None:
                    self._registered(caller, after)
                case "Endpoint" if after.status == "InService":
                    self._served(caller, after)
        except RecordMissing:
            pass  # it was deleted, or all was
        except Exception:
            logger.exception("The lineage of the %s %s is not kept", after.key.kind, after.key.name)

    def _deleted(self, record: Record, tags: Mapping[str, str]) -> None:
        """Takes the associations of what experiments consist of away; those of others must be gone before."""
        del tags
        if record.key.kind not in OF_EXPERIMENTS:
            return
        for each in list(self._store.each(ASSOCIATION, record.key.account, record.key.region)):
            if record.arn in ends_of(each):
                with suppress(RecordMissing):
                    self._store.delete(each.key)

    def _job_begins(self, caller: Caller, job: Record) -> None:
        component = self._component(job)
        for uri, of_type in _read(component.body):
            self._join(caller, self._artifact(caller, uri, of_type), component.arn, "ContributedTo")

    def _job_ends(self, caller: Caller, job: Record) -> None:
        component = self._component(job)
        for uri, of_type in _made(component.body, job.body):
            self._join(caller, component.arn, self._artifact(caller, uri, of_type), "Produced")

    def _registered(self, caller: Caller, package: Record) -> None:
        artifact = self._artifact(caller, package.arn, "Model")
        for container in package.body.get("InferenceSpecification", {}).get("Containers", ()):
            self._from_container(caller, container, artifact)
        group = package.body.get("ModelPackageGroupName")
        if group is not None:
            source = {"SourceUri": caller.arn("model-package-group", group), "SourceType": "ARN"}
            name = f"{group}-aws-model-group"
            context = self._make(self._contexts, caller, name, ContextType="ModelGroup", Source=source)
            self._join(caller, artifact, context, "AssociatedWith")

    def _served(self, caller: Caller, endpoint: Record) -> None:
        source = {"SourceUri": endpoint.arn, "SourceType": "ARN"}
        name = endpoint.key.name
        context = self._make(self._contexts, caller, f"{name}-aws-endpoint", ContextType="Endpoint", Source=source)
        action = self._make(
            self._actions,
            caller,
            f"{name}-aws-endpoint",
            ActionType="ModelDeployment",
            Source=source,
            Status="Completed",
        )
        self._join(caller, action, context, "AssociatedWith")
        config = self._store.get(endpoint.key._replace(kind="EndpointConfig", name=endpoint.body["EndpointConfigName"]))
        for variant in config.body["ProductionVariants"]:
            if "ModelName" in variant:
                model = self._store.get(endpoint.key._replace(kind="Model", name=variant["ModelName"])).body
                for container in model.get("Containers") or [model["PrimaryContainer"]]:
                    self._from_container(caller, container, action)

    def _from_container(self, caller: Caller, container: Mapping[str, Any], to: str) -> None:
        for member, of_type in (("ModelPackageName", "Model"), ("ModelDataUrl", "Model"), ("Image", "Image")):
            uri = container.get(member)
            if uri is not None:
                self._join(caller, self._artifact(caller, uri, of_type), to, "ContributedTo")

    def _component(self, job: Record) -> Record:
        return self._store.get(component_key(job.key))

    def _artifact(self, caller: Caller, uri: str, of_type: str) -> str:
        source = {"SourceUri": uri, "SourceTypes": []}
        name = self._artifacts.name_in({"Source": source})
        return self._make(self._artifacts, caller, name, ArtifactType=of_type, Source=source)

    def _make(self, kind: LineageKind, caller: Caller, name: str, **members: Any) -> str:
        """The ARN of an entity, which is made unless it is there."""
        arn = caller.arn(kind.arn_type, name)
        with suppress(RecordExists):
            body = {"CreatedBy": {}, "LastModifiedBy": {}, **members}
            self._store.create(kind.key(caller, name), arn=arn, status=None, body=body)
        return arn

    def _join(self, caller: Caller, source: str, destination: str, association_type: str) -> None:
        with CHANGING, suppress(RecordExists):
            associate(self._associations, caller, source, destination, association_type)


def _read(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The URI and type of all that a component was given."""
    parameters = component.get("Parameters", {})
    for name, of_type in ((_IMAGE, "Image"), (_SERVED_DATA, "Model")):
        if name in parameters:
            yield parameters[name]["StringValue"], of_type
    for name, each in component.get("InputArtifacts", {}).items():
        yield each["Value"], "Image" if name == _IMAGE else "DataSet"


def _made(component: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The URI and type of all that a job has made; AWS keeps no lineage of what Debugger wrote."""
    for name, each in component.get("OutputArtifacts", {}).items():
        if name != _DEBUG:
            yield each["Value"], "Model" if name == _MODEL else "DataSet"
    if "CheckpointConfig" in job:
        yield job["CheckpointConfig"]["S3Uri"], "Checkpoint"
