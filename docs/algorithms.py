"""The page of AWS's built-in algorithms, written from the catalog."""

from collections.abc import Iterator

from sagecraft_catalog import Algorithm, Hyperparameter, algorithm, algorithms
from sagecraft_containers.programs import PROGRAMS

_HEAD = """# Built-in algorithms

Each is declared as `AlgorithmImage(name=..., version=...)`, which checks its hyperparameters, content types, tuning
ranges and instances. All run on AWS. On the emulator those run that have a program there; any other is refused by name,
before data is read, until a program of yours is registered: `sagecraft images register IMAGE -- COMMAND...`. Those
without an image of their own are scripts of JumpStart's, which a job names by where they lie.

| Name | Versions | What it does | On the emulator |
|---|---|---|---|
"""


def built_in_algorithms() -> str:
    """The page as Markdown: a table of all, and of each its hyperparameters and metrics."""
    known = [each for each in map(algorithm, algorithms()) if each.hyperparameters]
    return _HEAD + "".join(map(_row, known)) + "".join(section for each in known for section in _section(each))


def _row(each: Algorithm) -> str:
    versions = f"`{each.versions[0]}` to `{each.versions[-1]}`" if len(each.versions) > 1 else "`1`"
    runs = "runs" if each.name in PROGRAMS else "needs a program of yours"
    shown = versions if each.versions else "no image of its own"
    return f"| [{each.name}](#{each.name}) | {shown} | {each.description} | {runs} |\n"


def _section(each: Algorithm) -> Iterator[str]:
    yield f"\n## {each.name}\n\n| Hyperparameter | Kind | Allowed | Default | Can be tuned |\n|---|---|---|---|---|\n"
    for name, rule in each.hyperparameters.items():
        if not name.startswith("_"):
            default = "required" if rule.required else "" if rule.default is None else f"`{rule.default}`"
            tuned = "yes" if name in each.tunable_hyperparameters else ""
            yield f"| `{name}` | {rule.kind} | {_allowed(rule)} | {default} | {tuned} |\n"
    metrics = ", ".join(f"`{metric.name}` ({metric.type.lower()})" for metric in each.objective_metrics)
    if metrics:
        yield f"\nMetrics to tune by: {metrics}.\n"


def _allowed(rule: Hyperparameter) -> str:
    parts = [f"`{choice}`" for choice in (*rule.choices, *filter(None, rule.words))]
    if rule.minimum is not None:
        parts.append(f"{'>' if rule.exclusive_minimum else '≥'} {rule.minimum:g}")
    if rule.maximum is not None:
        parts.append(f"{'<' if rule.exclusive_maximum else '≤'} {rule.maximum:g}")
    return ", ".join(parts)
