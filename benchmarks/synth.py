"""`cdk synth` of the Titanic app against an app with the same L1 resources only."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import REPOSITORY, Row, print_rows, side_by_side

REPEATS = 5
CDK = shutil.which("cdk", path=str(Path(sys.executable).parent)) or "cdk"


def synth(app: str, output: Path) -> float:
    begin = time.perf_counter()
    subprocess.run(
        [CDK, "synth", "--quiet", "--app", app, "--output", str(output)],
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        templates = directory / "templates"
        synth(f"{sys.executable} app.py", templates)
        l1_app = f"{sys.executable} {Path(__file__).with_name('l1_app.py')} {templates}"
        medians = side_by_side(
            REPEATS,
            l1=lambda: synth(l1_app, directory / "l1"),
            constructs=lambda: synth(f"{sys.executable} app.py", directory / "constructs"),
        )
    print_rows(
        f"cdk synth (median of {REPEATS})",
        [
            Row("app with the same L1 resources only", f"{medians['l1']:.2f} s"),
            Row("Titanic app", f"{medians['constructs']:.2f} s"),
            Row("ratio", f"{medians['constructs'] / medians['l1']:.2f}"),
        ],
    )


if __name__ == "__main__":
    main()
