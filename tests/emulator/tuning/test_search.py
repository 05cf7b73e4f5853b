"""The search of tuning jobs, without training jobs."""

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sagecraft_emulator.tuning.definition import TuningDefinition
from sagecraft_emulator.tuning.range import ParameterRange
from sagecraft_emulator.tuning.search import STARTUP_CHOICES, Choice, Observation, TuningSearch

UNIT_SQUARE = tuple(ParameterRange(name, "Continuous", ("0", "1"), "Linear") for name in ("x", "y"))
TRIALS, SEEDS = 40, 10


def definition(*ranges: ParameterRange, objective_type: str = "Minimize") -> TuningDefinition:
    return TuningDefinition(None, "loss", objective_type, ranges, {})


def branin(x: float, y: float) -> float:
    """Branin's function on the unit square; its minimum is 0.397887. https://www.sfu.ca/~ssurjano/branin.html."""
    a, b = 15 * x - 5, 15 * y
    return (
        (b - 5.1 / (4 * math.pi**2) * a**2 + 5 / math.pi * a - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10
    )


def observed(choice: Choice, value: float | None) -> Observation:
    return Observation(choice.definition, choice.tuned, value, has_ended=True)


def search(
    strategy: str, seed: int, trials: int, parallel: int = 1, function: Callable[[float, float], float] = branin
) -> list[Observation]:
    made = TuningSearch(strategy, [definition(*UNIT_SQUARE)], seed, parallel)
    observations: list[Observation] = []
    for number in range(trials):
        choice = made.choose(number, observations)
        observations.append(observed(choice, function(float(choice.tuned["x"]), float(choice.tuned["y"]))))
    return observations


def best(observations: Sequence[Observation]) -> float:
    return min(each.value for each in observations if each.value is not None)


@pytest.mark.slow
def test_forty_bayesian_trials_beat_forty_random_ones_on_branin_over_ten_seeds() -> None:
    bayesian, random = (
        statistics.mean(best(search(strategy, seed, TRIALS)) for seed in range(SEEDS))
        for strategy in ("Bayesian", "Random")
    )
    assert bayesian < random
    assert bayesian == pytest.approx(0.397887, abs=0.6)


@pytest.mark.parametrize("strategy", ["Bayesian", "Random", "Hyperband"])
def test_a_choice_depends_on_the_seed_alone(strategy: str) -> None:
    first, second, other = (search(strategy, seed, STARTUP_CHOICES + 3) for seed in (1, 1, 2))
    assert first == second
    assert [each.tuned for each in first] != [each.tuned for each in other]


def test_what_ends_early_by_chance_is_not_known_to_a_choice() -> None:
    """With three at once, choice 14 knows the first ten, whether those after them have ended or not."""
    made = TuningSearch("Bayesian", [definition(*UNIT_SQUARE)], 1, parallel=3)
    assert made.known(14) == 10
    ended = search("Bayesian", 1, 14)
    running = [*ended[:10], *(Observation(0, each.tuned, None, has_ended=False) for each in ended[10:])]
    assert made.choose(14, ended) == made.choose(14, running)
    forgotten = [Observation(0, ended[0].tuned, None, has_ended=True), *ended[1:]]
    better = [Observation(0, each.tuned, -100.0 * float(each.tuned["x"]), has_ended=True) for each in ended]
    assert len({str(made.choose(14, each).tuned) for each in (ended, better, forgotten)}) > 1


@pytest.mark.parametrize(("objective_type", "low", "high"), [("Minimize", 0, 0.35), ("Maximize", 0.65, 1)])
def test_the_bayesian_search_goes_the_way_of_its_objective(objective_type: str, low: float, high: float) -> None:
    later = []
    for seed in range(4):
        made = TuningSearch("Bayesian", [definition(*UNIT_SQUARE, objective_type=objective_type)], seed)
        observations: list[Observation] = []
        for number in range(30):
            choice = made.choose(number, observations)
            observations.append(observed(choice, float(choice.tuned["x"])))
        later += [float(each.tuned["x"]) for each in observations[-10:]]
    assert low <= statistics.mean(later) <= high


@pytest.mark.parametrize(
    ("kind", "ends", "scaling", "low", "high"),
    [
        ("Continuous", ("0.001", "1000"), "Logarithmic", 0.3, 0.7),
        ("Continuous", ("0.001", "1000"), "Auto", 0.3, 0.7),
        ("Continuous", ("0.001", "1000"), "Linear", 0, 0.05),
        ("Integer", ("1", "10000"), "Auto", 0.3, 0.7),
        ("Integer", ("1", "10000"), "Linear", 0, 0.1),
        ("Integer", ("1", "9"), "Auto", 0.05, 0.35),
    ],
)
def test_a_scale_says_how_many_choices_lie_below_the_geometric_middle(
    kind: str, ends: tuple[str, str], scaling: str, low: float, high: float
) -> None:
    chosen = [float(text) for text in sampled(ParameterRange("x", kind, ends, scaling), 60)]
    middle = math.sqrt(float(ends[0]) * float(ends[1]))
    assert all(float(ends[0]) <= value <= float(ends[1]) for value in chosen)
    assert low <= statistics.mean(value < middle for value in chosen) <= high


def test_a_reverse_logarithmic_scale_is_dense_close_to_one() -> None:
    chosen = [
        float(text) for text in sampled(ParameterRange("x", "Continuous", ("0", "0.9999"), "ReverseLogarithmic"), 60)
    ]
    assert all(0 <= value <= 0.9999 for value in chosen)
    assert 0.3 <= statistics.mean(value > 0.99 for value in chosen) <= 0.7


def sampled(each: ParameterRange, count: int) -> list[str]:
    made = TuningSearch("Random", [definition(each)], 3)
    return [made.choose(number, []).tuned[each.name] for number in range(count)]


def test_numbers_are_written_as_the_algorithm_reads_them() -> None:
    assert all(text.isdecimal() for text in sampled(ParameterRange("x", "Integer", ("1", "100"), "Linear"), 5))
    assert sampled(ParameterRange("x", "Continuous", ("0.1", "0.1"), "Linear"), 2) == ["0.1", "0.1"]
    assert set(sampled(ParameterRange("x", "Categorical", ("a", '"b"'), "Auto"), 20)) == {"a", '"b"'}


@pytest.mark.parametrize("strategy", ["Bayesian", "Random"])
def test_nothing_is_tried_twice_while_there_is_something_new(strategy: str) -> None:
    made = TuningSearch(strategy, [definition(ParameterRange("x", "Integer", ("1", "6"), "Linear"))], 1)
    observations: list[Observation] = []
    for number in range(6):
        choice = made.choose(number, observations)
        observations.append(observed(choice, float(choice.tuned["x"])))
    assert sorted(each.tuned["x"] for each in observations) == list("123456")


def test_a_warm_start_needs_no_random_beginning() -> None:
    learned = [observed(Choice(0, {"x": str(each / 20), "y": "0.5"}), abs(each / 20 - 0.8)) for each in range(20)]
    cold, warm = (TuningSearch("Bayesian", [definition(*UNIT_SQUARE)], 4, learned=known) for known in ([], learned))
    distances: list[Any] = [
        statistics.mean(abs(float(made.choose(number, []).tuned["x"]) - 0.8) for number in range(8))
        for made in (cold, warm)
    ]
    assert distances[1] < distances[0] / 2


def test_what_lies_outside_of_the_new_ranges_is_not_learned() -> None:
    outside = [observed(Choice(0, {"x": "7", "y": "0.5"}), 0.0), observed(Choice(0, {"x": "0.5"}), 0.0)]
    cold, warm = (TuningSearch("Bayesian", [definition(*UNIT_SQUARE)], 4, learned=known) for known in ([], outside))
    assert cold.choose(0, []) == warm.choose(0, [])


def test_failed_trials_hold_nothing_up() -> None:
    made = TuningSearch("Bayesian", [definition(*UNIT_SQUARE)], 1)
    observations: list[Observation] = []
    for number in range(STARTUP_CHOICES + 3):
        observations.append(observed(made.choose(number, observations), None if number % 2 else 1.0 * number))
    assert len({str(each.tuned) for each in observations}) == len(observations)


def test_the_grids_of_several_definitions_follow_each_other() -> None:
    first = definition(ParameterRange("x", "Categorical", ("1", "2"), "Auto"))
    second = definition(
        ParameterRange("y", "Categorical", ("a",), "Auto"), ParameterRange("z", "Categorical", ("b", "c"), "Auto")
    )
    made = TuningSearch("Grid", [first, second], 1)
    assert made.size == 4
    assert [made.choose(number, []) for number in range(4)] == [
        Choice(0, {"x": "1"}),
        Choice(0, {"x": "2"}),
        Choice(1, {"y": "a", "z": "b"}),
        Choice(1, {"y": "a", "z": "c"}),
    ]
