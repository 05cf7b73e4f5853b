"""AutoML on the 891 passengers of the Titanic, from their raw columns: what it takes, and how good it honestly is.

    python benchmarks/automl.py [FOLDS] [SECONDS]

One job has all rows. Then each of five outer folds repeats the whole job, search and ensemble, on the other four
fifths, with the same limits; nothing that chose or weighed a candidate has seen the fold. FOLDS runs fewer of them; on
a machine that has other work, more SECONDS let a job try as many candidates as it does on idle cores.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from measure import REPOSITORY, Row, print_rows
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.training.ensemble import combine
from sagecraft_containers.automl.training.search import Limits, Search
from sklearn.model_selection import StratifiedKFold

TITANIC = REPOSITORY / "examples" / "titanic" / "data" / "titanic.csv"
TARGET = "Survived"
FOLDS, CANDIDATES, SECONDS = 5, 16, 110.0
GOAL_ACCURACY, GOAL_SECONDS = 0.825, 120


@dataclass(frozen=True)
class Job:
    """What a job took and made."""

    model: Model
    validation: float
    latency_seconds: float
    candidates: int
    seconds: float
    cpu_seconds: float


def run_job(rows: pd.DataFrame, limits: Limits) -> Job:
    begun, before = time.perf_counter(), _cpu_seconds()
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        (base / "training").mkdir()
        rows.to_csv(base / "training" / "titanic.csv", index=False)
        dataset = analyze(Definition(TARGET, objective="Accuracy"), base / "training").dataset
        dataset.save(base / "prepared")
        outcomes = Search(dataset, base / "prepared", base, limits).run()
        done = [outcome.evaluation for outcome in outcomes if outcome.evaluation is not None]
        ensemble = combine(dataset, done)
        model = Model(dataset.schema, dataset.target, ensemble.estimator(dataset))
    seconds, cpu_seconds = time.perf_counter() - begun, _cpu_seconds() - before
    return Job(model, ensemble.score, ensemble.latency_seconds, len(done), seconds, cpu_seconds)


def accuracy(model: Model, rows: pd.DataFrame) -> float:
    cells = rows.drop(columns=TARGET).to_numpy().tolist()
    answers = model.answers([[cell or None for cell in row] for row in cells])
    answered = np.array(model.target.classes)[answers.argmax(axis=1)]
    return float((answered == rows[TARGET].to_numpy()).mean())


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(folds: int, seconds: float) -> None:
    limits = Limits(CANDIDATES, seconds)
    passengers = pd.read_csv(TITANIC, dtype=str, keep_default_na=False)
    whole = run_job(passengers, limits)
    print_rows(
        f"AutoML on {len(passengers)} rows of the Titanic",
        [
            Row("candidates", str(whole.candidates)),
            Row("the whole job", f"{whole.seconds:.0f} s", f"<= {GOAL_SECONDS} s on two idle cores"),
            Row("of a core", f"{whole.cpu_seconds:.0f} s", f"<= {2 * GOAL_SECONDS} s"),
            Row("validation accuracy", f"{whole.validation:.4f}"),
            Row("latency of a row", f"{whole.latency_seconds * 1000:.0f} ms"),
        ],
    )
    splits = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(passengers, passengers[TARGET])
    outer = []
    for learnt, held in list(splits)[:folds]:
        job = run_job(passengers.iloc[learnt], limits)
        outer.append(accuracy(job.model, passengers.iloc[held]))
        told = f"{outer[-1]:.4f} by {job.candidates} candidates, {job.cpu_seconds:.0f} s of a core"
        print(f"  outer fold {len(outer)}: {told}", flush=True)
    if outer:
        print_rows("Folds outside of the job", [Row("accuracy", f"{np.mean(outer):.4f}", f">= {GOAL_ACCURACY}")])


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else FOLDS, float(given[1]) if len(given) > 1 else SECONDS)
