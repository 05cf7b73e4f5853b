"""Trial components: steps of trials, with what each was given, read, wrote and measured. The SDK calls one a run."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import RecordMissing, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .entity import CHANGED, CHANGING, EntityKind
from .points import MetricPoints

TRIALS: Final = "_Trials"
"""In the record of a component: the names of the trials that it is in."""
RUN: Final = "_RunName"
"""In the record of a component: the run that its job says it is of."""
_REPLACED: Final = frozenset({"DisplayName", "Status", "StartTime", "EndTime"})
"""What an update sets as it is given."""
MOST: Final = {"Parameters": 300, "InputArtifacts": 60, "OutputArtifacts": 60}
"""Of each in one component, as in the service model."""
_NOTHING: Final[Mapping[str, Any]] = {member: {} for member in MOST}
"""What is answered of a component that has nothing: the SDK's analytics fail where it is left out."""


class TrialComponentKind(EntityKind):
    """`CreateTrialComponent` and its siblings.

    Args:
        store: Where records are.
        points: What components have measured.
    """

    kind, arn_type, spoken = "TrialComponent", "experiment-trial-component", "trial component"
    plural, list_member = "TrialComponents", "TrialComponentSummaries"
    filters = frozenset({"ExperimentName", "SourceArn", "TrialName"})
    searched_as = "ExperimentTrialComponent"
    parts = "trials"

    def __init__(self, store: Store, points: MetricPoints) -> None:
        super().__init__(store)
        self._points = points

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "AssociateTrialComponent": self.associate,
            "DisassociateTrialComponent": self.disassociate,
        }

    def body(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new component besides those of its request.

        Raises:
            ApiError: A parameter has no value, or two.
        """
        _check(request, request)
        return super().body(caller, request)

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a component, with a summary of each of its metrics."""
        record = self.record(caller, self.name_in(request))
        return {**self.view(record), "Metrics": self._points.summaries(record.arn)}

    def searched(self, record: Record) -> dict[str, Any]:
        """What `Search` finds a component by, and answers: its metrics, trials, run and job among them."""
        parents = [
            {"ExperimentName": trial.body["ExperimentName"], "TrialName": trial.key.name}
            for trial in self._trials(Caller(record.key.account, record.key.region))
            if trial.key.name in trials_of(record)
        ]
        told = {"Metrics": self._points.summaries(record.arn), "Parents": parents, "RunName": record.body.get(RUN)}
        return {**super().searched(record), **{name: value for name, value in told.items() if value}}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes what is given; parameters and artifacts come to those that are there, or in place of the same name.

        Raises:
            ApiError: There is none of that name, a parameter has no value or two, or there would be too many.
        """
        record = self.record(caller, self.name_in(request))

        def changes(present: Record) -> dict[str, Any]:
            maps = {name: _merged(present.body, request, name) for name in MOST}
            _check(maps, request)
            rest = {name: value for name, value in request.items() if name in _REPLACED}
            return {**rest, **{name: each or None for name, each in maps.items()}, CHANGED: time.time()}

        self.store.update(record.key, body=changes)
        return {"TrialComponentArn": record.arn}

    def associate(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Puts a component into a trial; one that is in it stays.

        Raises:
            ApiError: One of them is not there.
        """
        with CHANGING:
            component, trial = self._both(caller, request)
            self.put_into(component.key, trial.key.name)
        return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}

    def put_into(self, component: RecordKey, trial: str) -> None:
        """Puts a component into a trial, unless it is in it; both are there."""
        self.store.update(component, body=lambda present: {TRIALS: sorted({*trials_of(present), trial})})

    def disassociate(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Takes a component out of a trial.

        Raises:
            ApiError: One of them is not there, or the component is not in the trial.
        """
        component, trial = self._both(caller, request)

        def changes(present: Record) -> dict[str, Any]:
            if trial.key.name not in trials_of(present):
                raise resource_not_found(
                    f"TrialComponent '{component.arn}' is not associated with Trial '{trial.arn}'."
                )
            return {TRIALS: [name for name in present.body[TRIALS] if name != trial.key.name]}

        self.store.update(component.key, body=changes)
        return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of components: of an experiment, of a trial, made of a job, or all.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrialComponents.html

        Raises:
            ApiError: The experiment or trial is not there, or filters exclude each other.
        """
        given = sorted(request.keys() & self.filters)
        if len(given) > 1:
            raise validation_error(f"Only one of ExperimentName, SourceArn and TrialName may be given, got {given}.")
        if "ExperimentName" in request:
            experiment = self._part(caller, "Experiment", "experiment", request["ExperimentName"])
            trials = {each.key.name for each in self._trials(caller) if _is_of(each, experiment.key.name)}
            return super().list(caller, {**request, "ExperimentName": trials})
        if "TrialName" in request:
            trial = self._part(caller, "Trial", "experiment-trial", request["TrialName"])
            return super().list(caller, {**request, "TrialName": {trial.key.name}})
        return super().list(caller, request)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a component passes the filters of a List request, in which the trials stand for their experiment."""
        trials = request.get("ExperimentName", request.get("TrialName"))
        source = record.body.get("Source", {}).get("SourceArn")
        return (
            super().passes(record, request)
            and (trials is None or not trials.isdisjoint(trials_of(record)))
            and request.get("SourceArn", source) == source
        )

    def is_linked(self, record: Record) -> bool:
        """Whether a component is in a trial."""
        return bool(trials_of(record))

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        view = {**_NOTHING, **super().view(record)}
        return {**view, "Sources": [view["Source"]]} if "Source" in view else view

    def _both(self, caller: Caller, request: Mapping[str, Any]) -> tuple[Record, Record]:
        trial = self._part(caller, "Trial", "experiment-trial", request["TrialName"])
        return self.record(caller, self.name_in(request)), trial

    def _part(self, caller: Caller, kind: str, arn_type: str, name: str) -> Record:
        with suppress(RecordMissing):
            return self.store.get(RecordKey(kind, *caller, name), alike=True)
        raise resource_not_found(f"{kind} '{caller.arn(arn_type, name)}' does not exist.")

    def _trials(self, caller: Caller) -> Iterator[Record]:
        return self.store.each("Trial", *caller)


def trials_of(component: Record) -> set[str]:
    """The names of the trials that a component is in."""
    return set(component.body.get(TRIALS, ()))


def _is_of(trial: Record, experiment: str) -> bool:
    return bool(trial.body["ExperimentName"] == experiment)


def _merged(present: Mapping[str, Any], request: Mapping[str, Any], member: str) -> dict[str, Any]:
    removed = request.get(f"{member}ToRemove", ())
    merged = {**present.get(member, {}), **request.get(member, {})}
    return {name: value for name, value in merged.items() if name not in removed}


def _check(kept: Mapping[str, Mapping[str, Any]], request: Mapping[str, Any]) -> None:
    """Refuses parameters that are none, and too much of anything.

    Raises:
        ApiError: With every problem.
    """
    problems = [
        f"Parameter '{name}' must have a StringValue or a NumberValue, and not both."
        for name, value in request.get("Parameters", {}).items()
        if len(value) != 1
    ]
    problems += [
        f"A trial component has at most {most} {member}; it would have {len(kept[member])}."
        for member, most in MOST.items()
        if len(kept.get(member, ())) > most
    ]
    if problems:
        raise validation_error(" ".join(problems))
