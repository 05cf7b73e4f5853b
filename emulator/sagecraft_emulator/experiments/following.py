"""Trial components that are made of jobs, and follow them.

AWS makes one of each training, processing and transform job, and puts it into a trial where the job's
`ExperimentConfig` says so; otherwise it is unassigned: https://github.com/aws/sagemaker-experiments/issues/95
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import RecordExists, RecordMissing, resource_not_found
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.metrics.reader import MetricDatum
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .component import RUN, TrialComponentKind
from .entity import CHANGED, CHANGING
from .experiment import ExperimentKind
from .of_job import KINDS, beginning, component_name, progress, source
from .points import MetricPoints, Point
from .trial import TrialKind

_MADE_OF: Final = {"TuningJobArn": "aws-tuning-job", "AutoMLJobArn": "aws-auto-ml-job"}
"""The members of a training job that say whose part it is, and what follows that one's name in its experiment's.

Source: tests/system/amazon/aws/example_sagemaker.py of https://github.com/apache/airflow
"""

logger = logging.getLogger(__name__)


class Following:
    """Has components follow jobs.

    Args:
        store: Where records are.
        experiments: The experiments.
        trials: The trials.
        components: The components.
        points: What components have measured.
    """

    def __init__(
        self,
        store: Store,
        experiments: ExperimentKind,
        trials: TrialKind,
        components: TrialComponentKind,
        points: MetricPoints,
    ) -> None:
        self._store, self._experiments, self._trials, self._components = store, experiments, trials, components
        self._points = points
        store.on_change(self._changed)
        store.on_delete(self._deleted)

    def check(self, request: Mapping[str, Any], caller: Caller) -> None:
        """Passes a request whose `ExperimentConfig`, if it has one, names what is there.

        Raises:
            ApiError: The experiment or trial is not there, or the trial is of another experiment.
        """
        config = request.get("ExperimentConfig", {})
        experiment, trial = config.get("ExperimentName"), config.get("TrialName")
        if experiment is not None:
            experiment = self._experiments.record(caller, experiment).key.name
        if trial is not None:
            of = self._trials.record(caller, trial).body["ExperimentName"]
            if experiment not in {None, of}:
                arn = caller.arn(TrialKind.arn_type, trial)
                raise resource_not_found(f"Trial '{arn}' is not in Experiment '{experiment}', but in '{of}'.")

    def metric(self, job: RecordKey, datum: MetricDatum) -> None:
        """Takes a metric that a job has reported, soon and without raising."""
        if job.kind in KINDS:
            caller = Caller(job.account, job.region)
            component = caller.arn(TrialComponentKind.arn_type, component_name(job))
            source_arn = caller.arn(KINDS[job.kind].arn_type, job.name)
            self._points.note(Point(component, datum.name, datum.timestamp, None, datum.value, source_arn))

    def recover(self) -> None:
        """Takes up what came of jobs in the moment in which an earlier emulator ended."""
        for component in self._store.each(TrialComponentKind.kind):
            if component.body.get("Status", {}).get("PrimaryStatus") in {"InProgress", "Stopping"}:
                with suppress(RecordMissing):
                    self._follow(self._store.find_arn(component.body.get("Source", {}).get("SourceArn", "")))

    def _deleted(self, record: Record, tags: Mapping[str, str]) -> None:
        del tags
        if record.key.kind == TrialComponentKind.kind:
            self._points.forget(record.arn)

    def _changed(self, before: Record | None, after: Record) -> None:
        if after.key.kind not in KINDS:
            return
        try:
            if before is None:
                self._begin(after)
            else:
                self._follow(after)
            if after.status in ENDED:
                self._points.flush()
        except RecordMissing:
            pass  # it was deleted, or all was
        except Exception:
            logger.exception("The trial component of the %s %s does not follow it", after.key.kind, after.key.name)

    def _begin(self, job: Record) -> None:
        config = job.body.get("ExperimentConfig", {})
        key = component_key(job.key)
        caller = Caller(job.key.account, job.key.region)
        begins = beginning(self._store, job)
        body = {
            **begins,
            **_told(job, begins),
            "TrialComponentName": key.name,
            "DisplayName": config.get("TrialComponentDisplayName", key.name),
            "Source": source(job),
            "CreatedBy": {},
            "LastModifiedBy": {},
            RUN: config.get("RunName"),
        }
        with CHANGING:
            with suppress(RecordMissing):
                self._store.delete(self._store.get(key).key)  # of a job of this name that was deleted
            arn = caller.arn(TrialComponentKind.arn_type, key.name)
            body = {name: value for name, value in body.items() if value is not None}
            self._store.create(key, arn=arn, status=None, body=body)
            trial = self._trial(caller, job)
            if trial is not None:
                self._components.put_into(key, trial)

    def _follow(self, job: Record) -> None:
        key = component_key(job.key)
        if self._store.get(key).body.get("Source") == source(job):
            self._store.update(key, body=lambda present: _told(job, present.body))

    def _trial(self, caller: Caller, job: Record) -> str | None:
        """The trial that the component of a job belongs into, which is made where there is none."""
        config = job.body.get("ExperimentConfig", {})
        experiment, trial = config.get("ExperimentName"), config.get("TrialName")
        if trial is not None:
            return self._trials.record(caller, trial).key.name
        if experiment is not None:
            # The SDK says that AWS makes a trial, and not how it is called.
            return self._make(self._trials, caller, component_key(job.key).name, ExperimentName=experiment)
        for member, suffix in _MADE_OF.items():
            if member in job.body:
                return self._trial_of_whole(caller, job.body[member], suffix)
        return None

    def _trial_of_whole(self, caller: Caller, arn: str, suffix: str) -> str:
        """The trial for all jobs of a tuning or AutoML job, in the experiment that AWS makes of that one."""
        whole = self._store.find_arn(arn)
        name = f"{whole.key.name}-{suffix}".lower()
        self._make(self._experiments, caller, name, Source=source(whole))
        return self._make(self._trials, caller, name, ExperimentName=name)

    def _make(self, kind: ExperimentKind | TrialKind, caller: Caller, name: str, **members: Any) -> str:
        """Makes an experiment or trial, unless it is there."""
        request = {f"{kind.kind}Name": name, **members}
        key = kind.key(caller, name)
        body = {**request, **kind.body(caller, request)}
        with suppress(RecordExists):
            self._store.create(key, arn=caller.arn(kind.arn_type, name), status=None, body=body)
        return name


def component_key(job: RecordKey) -> RecordKey:
    """What names the record of a job's component."""
    return job._replace(kind=TrialComponentKind.kind, name=component_name(job))


def _told(job: Record, component: Mapping[str, Any]) -> dict[str, Any]:
    """What a component tells of a job as it is; what somebody has added to its outputs stays."""
    told = progress(job)
    outputs = {**component.get("OutputArtifacts", {}), **told["OutputArtifacts"]}
    return {**told, "OutputArtifacts": outputs or None, CHANGED: job.modified}
