"""`cdk synth` of the Titanic app against an app that declares the same resources by the CDK's L1 classes alone.

The L1 app is written from the Titanic app's templates (`l1_app.py`), and both make the same resources. It prepares and
packs no files, grants and checks nothing: what is in its policies has been worked out before. The ratio by CPU time
counts all processes of a run, and varies less on a machine that is not idle.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from l1_app import resources, write_app
from measure import REPOSITORY, Row, installed_environment, print_rows

REPEATS = 3
CDK = shutil.which("cdk", path=str(Path(sys.executable).parent)) or "cdk"


def cpu_seconds() -> float:
    """What the children of this process have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def synth(app: Path, output: Path) -> tuple[float, float]:
    """Seconds by the clock and of the CPU."""
    begin, before = time.perf_counter(), cpu_seconds()
    subprocess.run(
        [CDK, "synth", "--quiet", "--app", f"{sys.executable} {app}", "--output", str(output)],
        cwd=REPOSITORY,
        env=installed_environment(),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - begin, cpu_seconds() - before


def check_same(one: Path, other: Path) -> None:
    """Raises when two folders hold templates of different resources."""
    for template in one.glob("*.template.json"):
        if resources(template) != resources(other / template.name):
            raise RuntimeError(f"{template.name} is not the same with L1 resources alone")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        apps = {"l1": directory / "l1.py", "constructs": REPOSITORY / "app.py"}
        synth(apps["constructs"], directory / "constructs")
        write_app(directory / "constructs", apps["l1"])
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in apps}
        for _ in range(REPEATS):
            for name, app in apps.items():
                runs[name].append(synth(app, directory / name))
        check_same(directory / "constructs", directory / "l1")
    clock, cpu = ({name: statistics.median(run[of] for run in seen) for name, seen in runs.items()} for of in (0, 1))
    print_rows(
        f"cdk synth (median of {REPEATS})",
        [
            Row("app with the same L1 resources only", f"{clock['l1']:.2f} s"),
            Row("Titanic app", f"{clock['constructs']:.2f} s"),
            Row("ratio", f"{clock['constructs'] / clock['l1']:.2f}", "<= 1.15"),
            Row("app with the same L1 resources only, CPU", f"{cpu['l1']:.2f} s"),
            Row("Titanic app, CPU", f"{cpu['constructs']:.2f} s"),
            Row("ratio, CPU", f"{cpu['constructs'] / cpu['l1']:.2f}", "<= 1.15"),
        ],
    )


if __name__ == "__main__":
    main()
