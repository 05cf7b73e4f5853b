"""How fast metrics are read from a log: the 66 expressions of the XGBoost image, over lines of several kinds.

On two cores, of which others took a part: 234 to 300 MB/s of lines without a metric, or that nearly have one; 75 MB/s
where each hundredth has two. Where each line has two, what counts is a value, and not a byte: 11 microseconds for one
of the image's expressions, 6 for one like `loss=(.*?);`, most of it for RE2 to find its group and for Python to hold
it. So lines of 40 bytes that all have two are read at 4 MB/s, and no change of the search makes it ten times as much.
"""

from __future__ import annotations

import json
import time

import psutil
from measure import Row, print_rows
from sagecraft_catalog import MetricDefinition, algorithm
from sagecraft_emulator.metrics.reader import MetricReader

BATCH_BYTES = 1_000_000
"""As much as the emulator reads of a log at a time."""
TOTAL_BYTES = 50_000_000
DEFINITIONS = algorithm("xgboost").metric_definitions


def repeated(line: str) -> list[str]:
    return [line] * max(1, BATCH_BYTES // (len(line) + 1))


def features(length: int) -> str:
    return json.dumps({f"feature_{number:05}": 0.5 for number in range(length // 22)})


def read(reader: MetricReader, lines: list[str], total: int = TOTAL_BYTES) -> tuple[float, float]:
    """Megabytes and values a second."""
    size = sum(len(line) + 1 for line in lines)
    times = max(1, total // size)
    reader.read(lines)
    begin, values = time.perf_counter(), 0
    for _ in range(times):
        values += len(reader.read(lines))
    seconds = time.perf_counter() - begin
    return size * times / seconds / 1e6, values / seconds


def worker_bytes() -> int:
    return sum(each.memory_info().rss for each in psutil.Process().children())


def main() -> None:
    reader = MetricReader(DEFINITIONS)
    chatty = [f"2026-01-31 12:00:{number % 60:02} INFO step {number} of 20000 loaded" for number in range(20_000)]
    rounds = [f"[{number}]#011train-auc:0.{number:05}#011validation-auc:0.{number:05}" for number in range(20_000)]
    some = [rounds[number] if number % 100 == 0 else line for number, line in enumerate(chatty)]
    logs = {
        "lines of 32,000 characters": repeated(features(32_000)),
        "lines of 240,000 characters": repeated(features(240_000)),
        "lines that nearly match": repeated("[1]#011train-" * 20_000),
        "short lines without a metric": chatty,
        "short lines, each hundredth with two": some,
    }
    reader.read(["nothing"])
    idle = worker_bytes()
    rows = []
    for name, lines in logs.items():
        rate, _ = read(reader, lines)
        rows.append(Row(name, f"{rate:.0f} MB/s", ">= 50"))
    own = MetricReader([MetricDefinition(name, f"{name}=(.*?);") for name in ("loss", "accuracy")])
    epochs = [f"epoch {number} loss={number / 7:.6f}; accuracy={number / 9:.4f};" for number in range(20_000)]
    own.read(["nothing"])
    mixed = [epochs[number] if number % 100 == 0 else line for number, line in enumerate(chatty)]
    for name, lines in {"without a metric": chatty, "each hundredth with two": mixed}.items():
        rate, _ = read(own, lines)
        rows.append(Row(f"the user's own definitions, short lines, {name}", f"{rate:.0f} MB/s", ">= 50"))
    for what, one, lines in (("the image's", reader, rounds), ("the user's", own, epochs)):
        rate, values = read(one, lines, BATCH_BYTES)
        rows.append(Row(f"short lines, each with two metrics of {what}", f"{rate:.1f} MB/s, {values:,.0f} values/s"))
    own.close()
    rows += [
        Row("memory over idle, after all of it", f"{(worker_bytes() - idle) / 2**20:.0f} MiB", "<= 64"),
    ]
    reader.close()
    print_rows(f"Metrics of a log, {len(DEFINITIONS)} expressions, from the emulator's process and back", rows)


if __name__ == "__main__":
    main()
