"""What the work of nouns is done with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.jobs.protocol import Jobs
from sagecraft_emulator.jobs.scheduler import Scheduler
from sagecraft_emulator.jobs.work import MetricListener
from sagecraft_emulator.settings import Execute, Notebooks
from sagecraft_emulator.state.store import Store
from sagecraft_emulator.surroundings.surroundings import Surroundings

Call = Callable[[str, Mapping[str, Any], Caller, Mapping[str, Any]], Mapping[str, Any]]
"""Does one operation: its name, the request, who calls, and members of the record that no client may give."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What an engine gives to its nouns.

    Attributes:
        store: Where records are.
        machine: What containers share.
        images: Finds the program of an image.
        scheduler: Gives out the machine's cores.
        jobs: Runs jobs of the kinds that nouns declare, or completes them without running.
        call: Does operations of the service; not before all nouns are made.
        on_metric: Has a listener told each metric that a job reports on its way; it must return soon and not raise.
        execute: Whether work runs.
        surroundings: What a request may name outside of SageMaker; None where nothing is read, so that nothing need be
            there.
        notebooks: Whether notebook instances open, where work runs.
    """

    store: Store
    machine: Machine
    images: ImageRegistry
    scheduler: Scheduler
    jobs: Jobs
    call: Call
    on_metric: Callable[[MetricListener], None]
    execute: Execute
    surroundings: Surroundings | None
    notebooks: Notebooks = "records"
