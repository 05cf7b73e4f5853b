"""Experiments: trials that belong together."""

from sagecraft_emulator.state.store import Record

from .entity import EntityKind


class ExperimentKind(EntityKind):
    """`CreateExperiment` and its siblings."""

    kind, arn_type, spoken = "Experiment", "experiment", "experiment"
    plural, list_member = "Experiments", "ExperimentSummaries"
    searched_as = "Experiment"
    parts = "trials"

    def is_linked(self, record: Record) -> bool:
        """Whether an experiment has trials."""
        trials = self.store.each("Trial", record.key.account, record.key.region)
        return any(trial.body["ExperimentName"] == record.key.name for trial in trials)
