"""What stops training jobs early, told by numbers alone."""

import operator

from sagecraft_emulator.tuning.stopping import MIN_CURVES, Hyperband, MedianRule


def curve(rule: MedianRule, number: int, *values: float) -> list[bool]:
    return [rule.report(number, value) for value in values]


def test_the_median_rule_compares_with_running_averages_at_the_same_step() -> None:
    rule = MedianRule(operator.lt)
    for number, value in enumerate((1.0, 2.0, 3.0)):
        assert curve(rule, number, value, value - 1) == [False, False]
        rule.ended(number)
    # The medians are 2 after one step and (2 + 1) / 2 after two.
    assert curve(rule, 3, 2.0, 1.5) == [False, False]
    assert curve(rule, 4, 2.1) == [True]
    assert curve(rule, 5, 1.0, 1.6) == [False, True]


def test_the_median_rule_goes_by_the_direction_of_the_objective() -> None:
    rule = MedianRule(operator.gt)
    for number in range(MIN_CURVES):
        curve(rule, number, 0.5)
        rule.ended(number)
    assert curve(rule, 8, 0.4) == [True]
    assert curve(rule, 9, 0.6) == [False]


def test_the_median_rule_stops_nothing_before_it_knows_enough() -> None:
    rule = MedianRule(operator.lt)
    for number in range(MIN_CURVES - 1):
        curve(rule, number, 0.0)
        rule.ended(number)
    curve(rule, 7, 0.0)  # still running, so it is not compared with
    assert curve(rule, 8, 9.0) == [False]


def test_the_median_rule_leaves_what_got_further_than_all_others() -> None:
    rule = MedianRule(operator.lt)
    for number in range(MIN_CURVES):
        curve(rule, number, 1.0)
        rule.ended(number)
    assert curve(rule, 8, 0.5, 9.0) == [False, False]


def test_hyperband_lets_a_third_go_on_at_each_rank() -> None:
    rule = Hyperband(operator.lt, min_resource=1, max_resource=9)
    numbers = [number for number in range(60) if rule.bracket(number) == 0][:9]
    kept = [number for place, number in enumerate(numbers) if not rule.report(number, float(place))]
    assert kept == [numbers[0]] + [each for place, each in enumerate(numbers) if 0 < place < (place + 1) // 3]
    better = next(number for number in range(60, 99) if rule.bracket(number) == 0)
    assert not rule.report(better, -1.0)


def test_hyperband_stops_nothing_before_its_least_resource_nor_between_ranks() -> None:
    rule = Hyperband(operator.lt, min_resource=2, max_resource=18)
    first, second = [number for number in range(60) if rule.bracket(number) == 0][:2]
    assert [rule.report(first, 0.0) for _ in range(5)] == [False] * 5
    assert [rule.report(second, 1.0) for _ in range(2)] == [False, True]


def test_hyperband_has_brackets_that_begin_to_stop_later() -> None:
    rule = Hyperband(operator.lt, min_resource=1, max_resource=9)
    brackets = [rule.bracket(number) for number in range(30)]
    assert set(brackets) == {0, 1, 2}
    assert brackets.count(0) > brackets.count(1) > brackets.count(2)
    latest = [number for number in range(60) if rule.bracket(number) == 2][:3]
    for value, number in enumerate(latest):
        assert not any(rule.report(number, float(value)) for _ in range(9))


def test_hyperband_stops_what_passes_its_greatest_resource() -> None:
    rule = Hyperband(operator.gt, min_resource=1, max_resource=4)
    assert [rule.report(0, 1.0) for _ in range(5)] == [False, False, False, False, True]
