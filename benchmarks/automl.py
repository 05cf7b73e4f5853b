"""AutoML on real tables from their raw columns: what it takes, how good it honestly is, and what others reach.

    python benchmarks/automl.py [--folds FOLDS] [--seconds SECONDS] [TABLE ...]

Of the Titanic's 891 passengers one job has all rows; then each of five outer folds repeats the whole job, search and
ensemble, on the other four fifths, with the same limits, and nothing that chose or weighed a candidate has seen the
fold. Of each other table (`automl_tables.py`) AutoML, an XGBoost that Optuna tunes, and scikit-learn's boosted trees as
they come (`automl_rivals.py`) learn from the same three quarters and answer the rest; the first two in the same time,
which is that of a core, so that a machine with other work measures the same, with OMP_WAIT_POLICY=passive: threads that
spin while they wait for a core take as much of it as those that learn.

`memory` measures what reading a large file takes. Of the Titanic, on such a machine, more SECONDS let a job try as many
candidates as it does on idle cores.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pandas as pd
import psutil
from automl_rivals import Array, bare, by_hand, tuned
from automl_tables import MANY_ROWS, TABLES, Table, write_many
from measure import REPOSITORY, Row, print_rows
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.problem import measure, objective
from sagecraft_containers.automl.training.ensemble import combine
from sagecraft_containers.automl.training.evaluation import latency_of
from sagecraft_containers.automl.training.search import Limits, Outcome, Search
from sklearn.model_selection import StratifiedKFold, train_test_split

TITANIC, MEMORY = "titanic", "memory"
PASSENGERS = REPOSITORY / "examples" / "titanic" / "data" / "titanic.csv"
SURVIVED = "Survived"
FOLDS, CANDIDATES, SECONDS = 5, 16, 110.0
GOAL_ACCURACY, GOAL_SECONDS = 0.825, 120
COMPARED_CPU_SECONDS, MOST_CANDIDATES, MOST_SECONDS = 40.0, 100, 240.0
"""As much as two cores do in twenty seconds; on a machine with other work, what is done of that in some minutes."""
GOAL_SHARE = 0.98


@dataclass(frozen=True)
class Job:
    """What a job took and made."""

    model: Model
    validation: float
    latency_seconds: float
    outcomes: list[Outcome]
    seconds: float
    cpu_seconds: float

    @property
    def candidates(self) -> int:
        """How many were trained."""
        return sum(outcome.evaluation is not None for outcome in self.outcomes)


def run_job(rows: pd.DataFrame, target: str, metric: str, limits: Limits, most_cpu_seconds: float = np.inf) -> Job:
    begun, before = time.monotonic(), _cpu_seconds()

    def is_over() -> bool:
        return _cpu_seconds() - before > most_cpu_seconds

    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        (base / "training").mkdir()
        rows.to_csv(base / "training" / "rows.csv", index=False)
        dataset = analyze(Definition(target, objective=metric), base / "training").dataset
        dataset.save(base / "prepared")
        left = limits.seconds - (time.monotonic() - begun)
        outcomes = Search(dataset, base / "prepared", base, Limits(limits.candidates, left), is_over).run()
        done = [outcome.evaluation for outcome in outcomes if outcome.evaluation is not None]
        ensemble = combine(dataset, done, begun + limits.seconds)
        model = Model(dataset.schema, dataset.target, ensemble.estimator())
    seconds, cpu_seconds = time.monotonic() - begun, _cpu_seconds() - before
    return Job(model, ensemble.score, latency_of(dataset, model.estimator), outcomes, seconds, cpu_seconds)


def answered(model: Model, rows: pd.DataFrame) -> Array:
    """The answers to rows as they stand in a file."""
    written = rows.drop(columns=model.target.name).astype(object)
    cells = written.where(written.notna(), None).to_numpy().tolist()
    return model.answers([[None if cell in {None, ""} else str(cell) for cell in row] for row in cells])


def accuracy(model: Model, rows: pd.DataFrame) -> float:
    labels = np.array(model.target.classes)[answered(model, rows).argmax(axis=1)]
    return float((labels == rows[model.target.name].to_numpy()).mean())


def _cpu_seconds() -> float:
    """Of this process and those that it has started, also of those that run."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    running = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            running.append(child.cpu_times())
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + sum(each.user + each.system for each in running)


def passengers(folds: int, seconds: float) -> None:
    limits = Limits(CANDIDATES, seconds)
    rows = pd.read_csv(PASSENGERS, dtype=str, keep_default_na=False)
    whole = run_job(rows, SURVIVED, "Accuracy", limits)
    print_rows(
        f"AutoML on {len(rows)} rows of the Titanic",
        [
            Row("candidates", str(whole.candidates)),
            Row("the whole job", f"{whole.seconds:.0f} s", f"<= {GOAL_SECONDS} s on two idle cores"),
            Row("of a core", f"{whole.cpu_seconds:.0f} s", f"<= {2 * GOAL_SECONDS} s"),
            Row("validation accuracy", f"{whole.validation:.4f}"),
            Row("latency of a row", f"{whole.latency_seconds * 1000:.0f} ms", "<= 100 ms on two idle cores"),
        ],
    )
    splits = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(rows, rows[SURVIVED])
    outer = []
    for learnt, held in list(splits)[:folds]:
        job = run_job(rows.iloc[learnt], SURVIVED, "Accuracy", limits)
        outer.append(accuracy(job.model, rows.iloc[held]))
        told = f"{outer[-1]:.4f} by {job.candidates} candidates, {job.cpu_seconds:.0f} s of a core"
        print(f"  outer fold {len(outer)}: {told}", flush=True)
    if outer:
        print_rows("Folds outside of the job", [Row("accuracy", f"{np.mean(outer):.4f}", f">= {GOAL_ACCURACY}")])


def compared(name: str, table: Table, seconds: float, *, told: bool) -> None:
    rows = table.load()
    stratify = None if pd.api.types.is_numeric_dtype(rows[table.target]) else rows[table.target]
    learnt, held = train_test_split(rows, test_size=0.25, random_state=0, stratify=stratify)
    job = run_job(learnt, table.target, table.metric, Limits(MOST_CANDIDATES, MOST_SECONDS), seconds)
    if told:
        for outcome in job.outcomes:
            done = outcome.evaluation
            result = outcome.failure if done is None else f"{done.score:.4f}, {done.seconds:.1f} s"
            print(f"  {outcome.candidate.told()}: {result}", flush=True)
    target = job.model.target
    metric = objective(table.metric, target.problem)

    def score(truth: Array, answers: Array) -> float:
        return metric.better(measure(target.problem, truth, answers, names=[metric.name])[metric.name])

    truth = target.encoded(held[table.target].astype(str).reset_index(drop=True), "held")
    values = target.encoded(learnt[table.target].astype(str).reset_index(drop=True), "learnt")
    features = by_hand(learnt.drop(columns=table.target), held.drop(columns=table.target))
    reached = {"AutoML": (score(truth, answered(job.model, held)), job.cpu_seconds, f"{job.candidates} candidates")}
    begun = time.process_time()
    answers, tried = tuned(target.problem, features[0], values, features[1], score, seconds, MOST_SECONDS)
    reached["tuned XGBoost"] = score(truth, answers), time.process_time() - begun, f"{tried} trials"
    begun = time.process_time()
    answers = bare(target.problem, features[0], values, features[1])
    reached["bare"] = score(truth, answers), time.process_time() - begun, ""
    ours, best = abs(reached["AutoML"][0]), max(reached["tuned XGBoost"][0], reached["bare"][0])
    share = ours / abs(best) if metric.higher_is_better else abs(best) / ours
    print_rows(
        f"{name}: {table.kind}; {len(rows):,} rows of {len(rows.columns)} columns, {metric.name}",
        [
            *(Row(who, f"{abs(value):.4f}", f"{took:.0f} s {how}") for who, (value, took, how) in reached.items()),
            Row("of the better one", f"{share:.3f}", f">= {GOAL_SHARE}"),
        ],
    )


def memory() -> None:
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        (base / "training").mkdir()
        file = base / "training" / "rows.csv"
        write_many(file)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
            peak = executor.submit(_peak_bytes, base).result()
        size = file.stat().st_size
    print_rows(
        f"{MANY_ROWS:,} rows of {size >> 20} MiB, analyzed and read again",
        [
            Row("memory of its own, at most", f"{peak >> 20} MiB"),
            Row("by the file's size", f"{peak / size:.2f}"),
        ],
    )


def _peak_bytes(base: Path) -> int:
    """The most memory of its own that this process has, over what it begins with, while it analyzes rows."""
    found, is_done = [_own_bytes()], Event()

    def watch() -> None:
        while not is_done.wait(0.02):
            found.append(_own_bytes())

    watching = Thread(target=watch)
    watching.start()
    analyze(Definition("y"), base / "training").dataset.save(base / "prepared")
    Dataset.load(base / "prepared")
    is_done.set()
    watching.join()
    return max(found) - found[0]


def _own_bytes() -> int:
    """Source: `RssAnon` of proc(5)."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("RssAnon"))
    return int(line.split()[1]) << 10


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", nargs="*", choices=[TITANIC, MEMORY, *TABLES, []], metavar="TABLE")
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--candidates", action="store_true", help="tell each candidate")
    given = parser.parse_args()
    for name in given.tables or [TITANIC, MEMORY, *TABLES]:
        match name:
            case "titanic":
                passengers(given.folds, SECONDS if given.seconds is None else given.seconds)
            case "memory":
                memory()
            case _:
                seconds = COMPARED_CPU_SECONDS if given.seconds is None else given.seconds
                compared(name, TABLES[name], seconds, told=given.candidates)


if __name__ == "__main__":
    main()
