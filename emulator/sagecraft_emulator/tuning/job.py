"""One tuning job on its way: it launches training jobs, learns what came of them, and ends."""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import ApiError, RecordMissing
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.jobs.work import EMULATOR_ENDED
from sagecraft_emulator.noun.means import Call
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .definition import TuningDefinition, random_seed, tuning_definitions
from .request import MAX_RESOURCE, MAX_TRAINING_JOBS, max_resource
from .search import Choice, Observation, TuningSearch
from .stopping import Hyperband, MedianRule, StoppingRule
from .trial import TRIALS, Trial, not_improving, read_trials, trial_key

logger = logging.getLogger(__name__)

SEEN_AFTER: Final = 5
"""After so many training jobs without one that reported the objective, a tuning job fails."""
CONVERGED_AFTER: Final = 20
"""After so many training jobs that improved nothing by more than 1 %, a tuning job has converged."""
VALUES: Final = "_ObjectiveValues"
"""In a training job's record: the values that a stopping rule has seen, for the time after a restart."""


@dataclass
class _Try:
    """One choice, and the training job that tries it; a lost one is launched again under another name."""

    choice: Choice
    name: str | None
    trial: Trial | None = None
    lost: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.trial is not None and self.trial.has_ended


class TuningJob:
    """A tuning job that runs. It is not safe for several threads; `TuningRunner` has one for all.

    Training jobs are launched in the order of their numbers, each when a slot is free and as many of those before it
    have ended as its choice has to know (see `TuningSearch.known`).

    Args:
        store: Where records are.
        call: Does operations of the service.
        key: The tuning job.
        cores: The machine's.
    """

    def __init__(self, store: Store, call: Call, key: RecordKey, cores: int) -> None:
        record = store.get(key)
        self._store, self._call, self._record, self._key = store, call, record, key
        self._caller = Caller(key.account, key.region)
        config = record.body["HyperParameterTuningJobConfig"]
        self._config, self._definitions = config, tuning_definitions(record.body)
        limits = config["ResourceLimits"]
        self._parallel: int = min(limits["MaxParallelTrainingJobs"], cores)
        self._cores = max(1, cores // self._parallel)
        self._seed = random_seed(record.body, key.name)
        learned = self._learned(record.body.get("WarmStartConfig"))
        self._search = TuningSearch(config["Strategy"], self._definitions, self._seed, self._parallel, learned)
        size = self._search.size
        most = MAX_TRAINING_JOBS[config["Strategy"]] if size is None else size
        self._most: int = limits.get("MaxNumberOfTrainingJobs", most)
        self._rules = [self._rule(definition) for definition in self._definitions]
        self._tries: list[_Try] = []
        self._numbers: dict[RecordKey, int] = {}
        self._ending: tuple[str, str | None] | None = None
        seconds = limits.get("MaxRuntimeInSeconds")
        self.deadline: float | None = None if seconds is None else record.created + seconds
        """Epoch seconds at which it is stopped; None for never."""

    @property
    def is_over(self) -> bool:
        """Whether its record has ended."""
        return self._record.status in ENDED

    def watches(self, trial: RecordKey, metric_name: str) -> bool:
        """Whether the values of a training job's metric matter while it runs."""
        number = self._numbers.get(trial)
        if number is None:
            return False
        definition = self._tries[number].choice.definition
        return self._rules[definition] is not None and self._definitions[definition].metric_name == metric_name

    def owns(self, trial: RecordKey) -> bool:
        """Whether it waits for a training job to end."""
        return trial in self._numbers

    def begin(self) -> None:
        """Begins, or goes on where an earlier emulator ended."""
        self._resume()
        if self._record.status == "Stopping":
            self._end("Stopped")
        self._advance()

    def stop(self) -> None:
        """Stops all of its training jobs and launches no more."""
        self._end("Stopped")
        self._advance()

    def pass_deadline(self) -> None:
        """Stops, because its MaxRuntimeInSeconds have passed."""
        self.deadline = None
        if self._ending is None:
            self._store.update(self._key, status="Stopping")
            self.stop()

    def report(self, trial: RecordKey, value: float) -> None:
        """Takes a value of the objective that a training job reported on its way."""
        number = self._numbers.get(trial)
        rule = None if number is None else self._rules[self._tries[number].choice.definition]
        if number is not None and rule is not None and rule.report(number, value):
            self._stop_trial(trial.name)

    def part_ended(self, record: Record) -> None:
        """Takes what came of a training job."""
        number = self._numbers.pop(record.key, None)
        if number is None:
            return
        tried = self._tries[number]
        definition = tried.choice.definition
        tried.trial = Trial(record, self._definitions[definition], tried.choice.tuned, self._key.name)
        rule = self._rules[definition]
        if rule is not None:
            rule.ended(number)
            with suppress(RecordMissing):
                self._store.update(record.key, body={VALUES: list(rule.values(number))})
        self._complete()
        self._advance()

    def _advance(self) -> None:
        while self._ending is None and len(self._numbers) < self._parallel:
            number = next((number for number, each in enumerate(self._tries) if each.name is None), len(self._tries))
            known = self._search.known(number)
            if number >= self._most or not all(each.is_over for each in self._tries[:known]):
                break
            self._launch(number)
        if not self._numbers and (self._ending is not None or len(self._tries) >= self._most):
            self._finish()

    def _launch(self, number: int) -> None:
        if number == len(self._tries):
            observations = [self._observation(each) for each in self._tries]
            self._tries.append(_Try(self._search.choose(number, observations), None))
        tried = self._tries[number]
        request = self._definitions[tried.choice.definition]
        tags = [{"Key": key, "Value": value} for key, value in self._store.tags(self._record.arn).items()]
        own = {"TuningJobArn": self._record.arn, "_Cores": self._cores}
        attempt = len(tried.lost)
        while True:
            tried.name = self._name(number, attempt)
            key = trial_key(self._key, tried.name)
            self._numbers[key] = number
            self._write_trials()
            try:
                training_job = {**request.training_job(tried.name, tried.choice.tuned), "Tags": tags}
                self._call("CreateTrainingJob", training_job, self._caller, own)
            except ApiError as error:
                del self._numbers[key]
                if error.code == "ResourceInUse":  # a training job of a tuning job of this name that was deleted
                    attempt += 1
                    continue
                tried.name = None
                self._write_trials()
                self._end("Failed", f"ClientError: a training job could not be created: {error.message}")
            return

    def _name(self, number: int, attempt: int) -> str:
        digest = hashlib.sha256(f"{self._seed}/{self._key.name}/{number}/{attempt}".encode()).hexdigest()
        return f"{self._key.name}-{number + 1:03}-{digest[:8]}"

    def _write_trials(self) -> None:
        entries = [
            {
                "Name": name,
                "Definition": each.choice.definition,
                "HyperParameters": dict(each.choice.tuned),
                "Try": number,
            }
            for number, each in enumerate(self._tries)
            for name in (*each.lost, *([] if each.name is None else [each.name]))
        ]
        self._record = self._store.update(self._key, body={TRIALS: entries})

    def _observation(self, tried: _Try) -> Observation:
        value = None if tried.trial is None else tried.trial.value
        return Observation(tried.choice.definition, tried.choice.tuned, value, tried.is_over)

    def _complete(self) -> None:
        """Ends the tuning job where its training jobs have shown enough."""
        if self._ending is not None:
            return
        ended = [each.trial for each in self._tries if each.trial is not None and each.is_over]
        values = [trial.value for trial in ended if trial.value is not None]
        if not values and len(ended) >= min(SEEN_AFTER, self._most):
            self._end("Failed", self._why_nothing(ended))
            return
        criteria = self._config.get("TuningJobCompletionCriteria", {})
        target = criteria.get("TargetObjectiveMetricValue")
        if target is not None and any(
            trial.value is not None and not trial.definition.is_better(target, trial.value) for trial in ended
        ):
            self._end("Completed")
        count = not_improving(ended)
        if count >= criteria.get("BestObjectiveNotImproving", {}).get(
            "MaxNumberOfTrainingJobsNotImproving", self._most + 1
        ):
            self._end("Completed")
        if count >= CONVERGED_AFTER:
            if "TuningJobCompletionDetails" not in self._record.body:
                details = {"ConvergenceDetectedTime": time.time()}
                self._record = self._store.update(self._key, body={"TuningJobCompletionDetails": details})
            if criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled":
                self._end("Completed")

    def _why_nothing(self, ended: Sequence[Trial]) -> str:
        failed = [trial for trial in ended if trial.record.status == "Failed"]
        if len(failed) == len(ended):
            first = failed[0].record
            return (
                "All training jobs failed. Please take a look at the training jobs failures to get more details. The "
                f"first, {first.key.name}: {first.body.get('FailureReason', '')}"
            )
        names = ", ".join(sorted({definition.metric_name for definition in self._definitions}))
        return (
            f"No objective metrics found after running {len(ended)} training jobs. Please ensure that the custom "
            "algorithm is emitting the objective metric as defined by the regular expression provided. The metric "
            f"{names} was never seen in their logs."
        )

    def _end(self, status: str, reason: str | None = None) -> None:
        if self._ending is not None and status != "Stopped":
            return
        self._ending = status, reason
        for key in list(self._numbers):
            self._stop_trial(key.name)

    def _stop_trial(self, name: str) -> None:
        with suppress(ApiError):  # it has ended meanwhile, or stops already
            self._call("StopTrainingJob", {"TrainingJobName": name}, self._caller, {})

    def _finish(self) -> None:
        status, reason = self._ending or ("Completed", None)
        if self._ending is None and all(each.trial is None or each.trial.value is None for each in self._tries):
            ended = [each.trial for each in self._tries if each.trial is not None]
            status, reason = "Failed", self._why_nothing(ended)
        job = JobRecord(self._store, self._key)
        if status == "Failed":
            job.fail(reason or "")
        else:
            present = self._store.get(self._key).status
            job.end("Stopped" if present == "Stopping" else status)
        self._record = self._store.get(self._key)

    def _resume(self) -> None:
        """Takes up the training jobs that the record tells of."""
        trials = {trial.record.key.name: trial for trial in read_trials(self._store, self._record)}
        for entry in self._record.body.get(TRIALS, ()):
            name, number = entry["Name"], entry["Try"]
            if number == len(self._tries):
                self._tries.append(_Try(Choice(entry["Definition"], entry["HyperParameters"]), None))
            tried, trial = self._tries[number], trials.get(name)
            if trial is None:
                continue  # not created before the emulator ended, or deleted
            if trial.record.body.get("FailureReason") == EMULATOR_ENDED:
                tried.lost.append(name)
                continue
            tried.name, tried.trial = name, trial
            if not trial.has_ended:
                self._numbers[trial.record.key] = number
            elif (rule := self._rules[entry["Definition"]]) is not None:
                for value in trial.record.body.get(VALUES, ()):
                    rule.report(number, value)
                rule.ended(number)
        self._complete()

    def _rule(self, definition: TuningDefinition) -> StoppingRule | None:
        if self._config["Strategy"] == "Hyperband":
            given = self._config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
            most = max_resource(self._config, self._definitions)
            return Hyperband(definition.is_better, given.get("MinResource", 1), MAX_RESOURCE if most is None else most)
        if self._config.get("TrainingJobEarlyStoppingType") == "Auto":
            return MedianRule(definition.is_better)
        return None

    def _learned(self, warm_start: Mapping[str, Any] | None) -> list[Observation]:
        """What the training jobs of parent tuning jobs have shown; what they had fixed counts as chosen."""
        learned = []
        for each in (warm_start or {}).get("ParentHyperParameterTuningJobs", ()):
            with suppress(RecordMissing):
                parent = self._store.get(self._key._replace(name=each["HyperParameterTuningJobName"]))
                learned += [
                    Observation(0, {**trial.definition.static, **trial.tuned}, trial.value, has_ended=True)
                    for trial in read_trials(self._store, parent)
                    if trial.value is not None
                ]
        return learned
