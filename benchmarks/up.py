"""`sagecraft up` with nothing changed against `cdk synth` of the same app alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import REPOSITORY, Row, free_port, print_rows, side_by_side
from synth import CDK

REPEATS = 5
SAGECRAFT = Path(sys.executable).with_name("sagecraft")


def run(*command: str) -> float:
    begin = time.perf_counter()
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        where = ("--port", str(free_port()), "--state-dir", str(Path(scratch, "state")))
        output = str(Path(scratch, "alone"))
        try:
            first = run(str(SAGECRAFT), "up", *where)
            medians = side_by_side(
                REPEATS,
                synth=lambda: run(CDK, "synth", "--quiet", "--output", output),
                up=lambda: run(str(SAGECRAFT), "up", *where),
            )
        finally:
            run(str(SAGECRAFT), "down", *where)
    print_rows(
        f"sagecraft up (median of {REPEATS})",
        [
            Row("the first time, with the training job", f"{first:.2f} s"),
            Row("cdk synth alone", f"{medians['synth']:.2f} s"),
            Row("with nothing changed", f"{medians['up']:.2f} s"),
            Row("ratio", f"{medians['up'] / medians['synth']:.2f}", "≤ 1.5"),
        ],
    )


if __name__ == "__main__":
    main()
