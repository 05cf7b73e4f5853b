"""Training of AWS's algorithms on a file that is larger than memory: the most memory that each takes, and how fast.

    python benchmarks/out_of_core.py [--gib GIB] [--memory-gib GIB] [ALGORITHM ...]

A limit of the address space (RLIMIT_AS) stands for a machine of so much memory: what takes more fails. What is taken
is told as memory of its own (`RssAnon` of proc(5)) over that of the same training on a few rows.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from algorithms import CASES, Case, configure, write_rows
from measure import Row, print_rows

GIB, MIB = 2**30, 2**20
FEW_ROWS = 10_000
GOAL_SHARE = 1 / 6
"""Of the limit."""
SAMPLED_SECONDS = 0.02
NAMES = ("kmeans", "pca", "pca-randomized", "linear-learner", "factorization-machines", "knn", "lda", "randomcutforest")
LINEAR = Case("linear-learner", {"predictor_type": "binary_classifier", "epochs": "1", "num_models": "1"})
ONCE = {
    "factorization-machines": {"epochs": "1"},
    "knn": {"sample_size": "10000"},
    "randomcutforest": {"num_trees": "50"},
}


def case_of(name: str) -> Case:
    case = LINEAR if name == LINEAR.name else CASES[name]
    return replace(case, rows=FEW_ROWS, hyperparameters={**case.hyperparameters, **ONCE.get(name, {})})


def repeat(file: Path, size: int) -> None:
    """Makes a file of records as large as wanted, by its own content."""
    content = file.read_bytes()
    with file.open("ab") as larger:
        while larger.tell() < size:
            larger.write(content)


def trained(case: Case, base: Path, limit: int) -> tuple[float, int]:
    """The seconds that a training takes, and the most bytes of its own memory."""
    command = [sys.executable, "-m", f"sagecraft_containers.{case.module}", "train"]
    begin, most = time.perf_counter(), 0
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, limit))
    while process.poll() is None:
        most = max(most, own_bytes(process.pid))
        time.sleep(SAMPLED_SECONDS)
    if process.returncode:
        raise RuntimeError(f"{case.name} ended with {process.returncode}")
    return time.perf_counter() - begin, most


def own_bytes(process_id: int) -> int:
    told = Path(f"/proc/{process_id}/status").read_text().partition("RssAnon:")[2].split()
    return int(told[0]) * 1024 if told else 0


def measure(name: str, size: int, limit: int) -> None:
    case = case_of(name)
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "ml"
        file = write_rows(case, base / "input" / "data" / "train")
        configure(case, base)
        few = file.stat().st_size
        _, least = trained(case, base, limit)
        repeat(file, size)
        rows = case.rows * file.stat().st_size // few
        seconds, most = trained(case, base, limit)
    print_rows(
        f"{name}, {rows:,} rows of {size / GIB:g} GiB",
        [
            Row("memory of its own, at most", f"{most // MIB} MiB"),
            Row("over that of few rows", f"{(most - least) // MIB} MiB", f"<= {GOAL_SHARE * limit / MIB:.0f} MiB"),
            Row("megabytes a second", f"{size / seconds / 1e6:.0f}"),
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("algorithms", nargs="*", choices=[*NAMES, []], metavar="ALGORITHM")
    parser.add_argument("--gib", type=float, default=3.5, help="size of the file")
    parser.add_argument("--memory-gib", type=float, default=3, help="limit of the address space")
    given = parser.parse_args()
    for name in given.algorithms or NAMES:
        measure(name, int(given.gib * GIB), int(given.memory_gib * GIB))


if __name__ == "__main__":
    main()
