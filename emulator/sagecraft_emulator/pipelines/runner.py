"""Executions: from a record that is `Executing` to one that is `Succeeded`, `Failed` or `Stopped`."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from sagecraft_emulator.jobs.conductor import Conductor
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.state.store import RecordKey

from .api import PipelineApi
from .part import has_ended
from .records import EXECUTION, UNDER_WAY

if TYPE_CHECKING:
    from .execution import Execution


class PipelineRunner(Conductor["Execution"]):
    """Runs executions in one thread, but for the functions of Lambda steps, which have one each.

    Args:
        means: What an engine gives to its nouns.
    """

    def __init__(self, means: Means) -> None:
        def make(key: RecordKey) -> "Execution":
            from .execution import Execution  # noqa: PLC0415 - the start of an emulator takes less without it

            record = means.store.get(key)
            api = PipelineApi(means.call, means.machine, key, record.body["RoleArn"])
            return Execution(
                means.store, record, api, partial(self.in_background, key), instant=means.execute == "instant"
            )

        super().__init__(means.store, EXECUTION, make, has_ended, under_way=UNDER_WAY)

    def look_again(self, key: RecordKey) -> None:
        """Has an execution begin what it may begin by now."""
        self.do(key, lambda execution: execution.look_again())

    def callback_answered(self, key: RecordKey, step: str) -> None:
        """Has an execution take the answer that a Callback step waits for."""
        self.do(key, lambda execution: execution.callback_answered(step))

    def in_background(self, key: RecordKey, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Does something that may take long, and hands its result to an execution."""

        def run() -> None:
            result = work()
            self.do(key, lambda _: then(result))

        Thread(target=run, name=f"{EXECUTION}-{key.name}", daemon=True).start()
