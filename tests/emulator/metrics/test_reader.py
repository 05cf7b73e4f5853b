"""Metrics read in a process of their own."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import psutil
import pytest
from sagecraft_catalog import MetricDefinition, algorithm
from sagecraft_emulator.metrics.reader import MetricDatum, MetricReader

LOSS = MetricDefinition("loss", "loss=([0-9.]+)")


def workers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "sagecraft_emulator.metrics.worker" in each.cmdline()]


def test_each_value_is_told_and_the_last_of_each_metric_kept() -> None:
    told: list[MetricDatum] = []
    reader = MetricReader([LOSS, MetricDefinition("auc", "auc=([0-9.]+)")], told.append)
    data = reader.read(["loss=2 auc=0.5", "nothing", "loss=1"])
    reader.close()
    assert [(each.name, each.value) for each in data] == [("loss", 2), ("auc", 0.5), ("loss", 1)]
    assert told == data
    assert {name: datum.value for name, datum in reader.final.items()} == {"loss": 1, "auc": 0.5}


def test_a_process_that_is_killed_is_begun_again() -> None:
    reader = MetricReader([LOSS])
    assert [each.value for each in reader.read(["loss=2"])] == [2]
    [worker] = workers()
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    assert [each.value for each in reader.read(["loss=1"])] == [1]
    reader.close()


def test_logs_with_the_same_and_with_other_definitions_are_read_side_by_side() -> None:
    definitions = [[LOSS], [LOSS], algorithm("xgboost").metric_definitions, [MetricDefinition("n", r"n=(\d+)")]]
    readers = [MetricReader(each) for each in definitions]
    lines = [f"loss={number} n={number} [{number}]#011train-auc:{number}" for number in range(200)]

    def read(reader: MetricReader) -> None:
        for line in lines:
            reader.read([line])

    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[datum.value for datum in reader.final.values()] for reader in readers] == [[199]] * 4
    assert len(workers()) == 1
    for reader in readers:
        reader.close()


def test_nothing_is_begun_where_there_is_nothing_to_look_for() -> None:
    code = """
        import psutil
        from sagecraft_emulator.metrics.reader import MetricReader

        MetricReader([]).read(["a line"])
        assert not psutil.Process().children()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60)


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "sys.exit()", "os._exit(0)"])
def test_the_process_ends_with_the_one_that_began_it(end: str) -> None:
    code = f"""
        import os, psutil, sys
        from sagecraft_catalog import MetricDefinition
        from sagecraft_emulator.metrics.reader import MetricReader

        MetricReader([MetricDefinition("loss", "loss=(.*)")]).read(["loss=1"])
        [worker] = psutil.Process().children()
        print(worker.pid, flush=True)
        {end}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, check=False, timeout=60
    )
    number = int(done.stdout)
    if psutil.pid_exists(number):
        psutil.Process(number).wait(10)
    assert os.getpid() != number
