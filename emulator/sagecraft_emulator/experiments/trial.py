"""Trials: steps that belong together, within an experiment. The SDK calls one a run group."""

from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.state.store import Record, Store

from .component import TrialComponentKind, trials_of
from .entity import EntityKind
from .experiment import ExperimentKind


class TrialKind(EntityKind):
    """`CreateTrial` and its siblings.

    Args:
        store: Where records are.
        experiments: The experiments.
        components: The trial components.
    """

    kind, arn_type, spoken = "Trial", "experiment-trial", "trial"
    plural, list_member = "Trials", "TrialSummaries"
    filters = frozenset({"ExperimentName", "TrialComponentName"})
    searched_as = "ExperimentTrial"
    parts = "trial components"

    def __init__(self, store: Store, experiments: ExperimentKind, components: TrialComponentKind) -> None:
        super().__init__(store)
        self._experiments, self._components = experiments, components

    def body(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new trial besides those of its request.

        Raises:
            ApiError: Its experiment is not there.
        """
        experiment = self._experiments.record(caller, request["ExperimentName"])
        return {**super().body(caller, request), "ExperimentName": experiment.key.name}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of trials: of an experiment, with a component, or all.

        Raises:
            ApiError: The experiment or component is not there.
        """
        if "ExperimentName" in request:
            experiment = self._experiments.record(caller, request["ExperimentName"])
            request = {**request, "ExperimentName": experiment.key.name}
        if "TrialComponentName" in request:
            component = self._components.record(caller, request["TrialComponentName"])
            request = {**request, "TrialComponentName": trials_of(component)}
        return super().list(caller, request)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a trial passes the filters of a List request, in which the trials stand for their component."""
        experiment = record.body["ExperimentName"]
        return (
            super().passes(record, request)
            and request.get("ExperimentName", experiment) == experiment
            and record.key.name in request.get("TrialComponentName", {record.key.name})
        )

    def searched(self, record: Record) -> dict[str, Any]:
        """The members of a trial that `Search` finds it by, and answers: its components among them."""
        components = self.store.each("TrialComponent", record.key.account, record.key.region)
        of_trial = [self._components.view(each) for each in components if record.key.name in trials_of(each)]
        return {**super().searched(record), "TrialComponentSummaries": of_trial}

    def is_linked(self, record: Record) -> bool:
        """Whether a trial has components."""
        components = self.store.each("TrialComponent", record.key.account, record.key.region)
        return any(record.key.name in trials_of(component) for component in components)
