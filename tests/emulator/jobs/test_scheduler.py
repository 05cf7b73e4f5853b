import threading
import tracemalloc

from sagecraft_emulator.jobs.scheduler import Scheduler
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.world import wait_until


def key(name: str) -> RecordKey:
    return RecordKey("TrainingJob", "000000000000", "us-east-1", name)


class Jobs:
    """Jobs that run until they are let go."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.gates: dict[str, threading.Event] = {}
        self.granted: dict[str, int] = {}

    def submit(self, name: str, cores: int) -> None:
        gate = self.gates[name] = threading.Event()

        def run(granted: int) -> None:
            self.granted[name] = granted
            assert gate.wait(30)

        self.scheduler.submit(key(name), cores, run)

    def end(self, name: str) -> None:
        self.gates[name].set()
        wait_until(lambda: name not in self.running())

    def running(self) -> list[str]:
        return [each.key.name for each in self.scheduler.running()]

    def waiting(self) -> list[str]:
        return [each.key.name for each in self.scheduler.waiting()]

    def end_all(self) -> None:
        for gate in self.gates.values():
            gate.set()
        self.scheduler.close()


def test_jobs_get_cores_in_the_order_in_which_they_came_and_none_passes_another() -> None:
    jobs = Jobs(Scheduler(4))
    for name, cores in [("a", 2), ("b", 1), ("c", 3), ("d", 1)]:
        jobs.submit(name, cores)
    assert (jobs.running(), jobs.waiting()) == (["a", "b"], ["c", "d"])  # d would fit, but came after c
    jobs.end("a")
    assert (jobs.running(), jobs.waiting()) == (["b", "c"], ["d"])
    jobs.end("b")
    assert (jobs.running(), jobs.waiting()) == (["c", "d"], [])
    jobs.end_all()


def test_a_job_that_gave_its_cores_back_has_none_and_is_waited_for() -> None:
    jobs = Jobs(Scheduler(2))
    for name in ("a", "b", "c", "d"):
        jobs.submit(name, 2)
    jobs.scheduler.release(key("a"))
    jobs.scheduler.release(key("b"))
    assert (jobs.running(), jobs.waiting()) == (["c"], ["d"])
    jobs.scheduler.release(key("c"))  # as many as there are cores copy their results already
    assert (jobs.running(), jobs.waiting()) == (["c"], ["d"])
    jobs.gates["a"].set()
    wait_until(lambda: len(jobs.scheduler._running) == 2)
    assert (jobs.running(), jobs.waiting()) == (["c"], ["d"])
    closing = threading.Thread(target=jobs.end_all)
    jobs.end("c")
    assert jobs.running() == ["d"]
    closing.start()
    closing.join(30)
    assert not closing.is_alive()


def test_no_more_cores_are_given_out_than_there_are() -> None:
    jobs = Jobs(Scheduler(4))
    for name in "abcdef":
        jobs.submit(name, 2)
    for name in "abcd":
        assert sum(each.cores for each in jobs.scheduler.running()) == 4
        jobs.end(name)
    jobs.end_all()


def test_a_job_that_wants_more_than_the_machine_has_gets_the_machine() -> None:
    jobs = Jobs(Scheduler(2))
    jobs.submit("big", 96)
    wait_until(lambda: "big" in jobs.granted)
    assert jobs.granted["big"] == 2
    jobs.end_all()


def test_a_waiting_job_can_be_cancelled_and_makes_way_for_those_behind_it() -> None:
    jobs = Jobs(Scheduler(2))
    jobs.submit("running", 1)
    jobs.submit("wide", 2)
    jobs.submit("behind", 1)
    assert jobs.waiting() == ["wide", "behind"]
    assert jobs.scheduler.cancel(key("wide"))
    assert (jobs.running(), jobs.waiting()) == (["running", "behind"], [])
    assert not jobs.scheduler.cancel(key("running"))
    jobs.end_all()


def test_closing_waits_for_what_runs_starts_nothing_any_more_and_says_what_was_waiting() -> None:
    jobs = Jobs(Scheduler(1))
    jobs.submit("a", 1)
    jobs.submit("b", 1)
    left: list[RecordKey] = []
    closing = threading.Thread(target=lambda: left.extend(jobs.scheduler.close()))
    closing.start()
    wait_until(lambda: jobs.waiting() == [])
    assert closing.is_alive()
    jobs.gates["a"].set()
    closing.join(30)
    assert left == [key("b")]
    jobs.submit("c", 1)
    assert (jobs.running(), list(jobs.granted)) == ([], ["a"])


def test_a_thousand_waiting_jobs_take_no_thread_and_little_memory_each_and_all_run() -> None:
    scheduler = Scheduler(2)
    gate, done, lock = threading.Event(), [], threading.Lock()
    threads = threading.active_count()

    def run(cores: int) -> None:
        assert gate.wait(30)
        with lock:
            done.append(cores)

    tracemalloc.start()
    for number in range(1000):
        scheduler.submit(key(f"job-{number}"), 1, run)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert threading.active_count() <= threads + 2
    assert used / 1000 < 4096
    gate.set()
    wait_until(lambda: len(done) == 1000)
    scheduler.close()


def test_a_job_waits_for_one_of_its_own_name_and_no_core_is_lost() -> None:
    jobs = Jobs(Scheduler(2))
    jobs.submit("again", 1)
    first = jobs.gates["again"]
    jobs.submit("again", 1)
    assert (jobs.running(), jobs.waiting()) == (["again"], ["again"])
    first.set()
    wait_until(lambda: not jobs.waiting())
    jobs.end("again")
    jobs.submit("wide", 2)
    assert jobs.running() == ["wide"]
    jobs.end_all()
