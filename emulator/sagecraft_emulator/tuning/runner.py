"""Tuning jobs: from a record that is `InProgress` to one that is `Completed`, `Failed` or `Stopped`."""

from typing import TYPE_CHECKING, Final

from sagecraft_emulator.jobs.conductor import Conductor
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.metrics.reader import MetricDatum
from sagecraft_emulator.noun.means import Call
from sagecraft_emulator.state.store import Record, RecordKey, Store

if TYPE_CHECKING:
    from .job import TuningJob

KIND: Final = "HyperParameterTuningJob"


class TuningRunner(Conductor["TuningJob"]):
    """Runs tuning jobs, which hear of what their training jobs report as well.

    Args:
        store: Where records are.
        call: Does operations of the service.
        cores: The machine's.
    """

    def __init__(self, store: Store, call: Call, cores: int) -> None:
        def make(key: RecordKey) -> "TuningJob":
            # Optuna takes a second to import, which an emulator that tunes nothing need not wait for.
            from .job import TuningJob  # noqa: PLC0415

            return TuningJob(store, call, key, cores)

        super().__init__(store, KIND, make, _is_trial)

    def metric(self, trial: RecordKey, datum: MetricDatum) -> None:
        """Hears of a metric that a training job reports; returns at once."""
        self.tell(lambda job: job.watches(trial, datum.name), lambda job: job.report(trial, datum.value))


def _is_trial(record: Record) -> bool:
    return record.key.kind == "TrainingJob" and record.status in ENDED and "TuningJobArn" in record.body
