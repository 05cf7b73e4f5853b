"""What is found in a log, and that no expression and no line takes more than time linear in the log."""

import json
from collections.abc import Sequence

import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.metrics import scanner
from sagecraft_emulator.metrics.scanner import LogScanner

XGBOOST = algorithm("xgboost").metric_definitions
HOSTILE = ("(a+)+$", "(a|aa)+b([0-9])", "(.*)(.*)(.*)(.*)(.*)x([0-9])", "([a-z]*)*[0-9]$", r"(?:a?){200}a{200}=(\d)")


def scan(text: str, *regexes: str) -> Sequence[tuple[int, int, float]]:
    return LogScanner(regexes).scan(text.encode())


def test_the_first_group_is_the_value_of_each_line_that_has_it() -> None:
    text = "loss=1\nnothing\n a=4 b=2\nloss=2.5e-1;loss=7\nloss=none\nloss="
    assert scan(text, r"loss=([^;]*)", r"a=(\d+) b=\d") == [(0, 0, 1.0), (2, 1, 4.0), (3, 0, 0.25)]


def test_a_line_is_searched_by_itself_whatever_the_expression_would_take() -> None:
    regexes = r"(?s)a=(.*)", r"a=([^x]+)", r"a=(\d)\s*b", r"^b=(\d)$"
    assert scan("a=1\nb=2", *regexes) == [(0, 0, 1), (0, 1, 1), (1, 3, 2)]


def test_a_greedy_beginning_finds_the_last_of_a_line() -> None:
    assert scan("loss=1 loss=2", r".*loss=(\d)", r"loss=(\d)") == [(0, 0, 2), (0, 1, 1)]


def test_without_a_group_or_with_an_absent_one_there_is_no_value() -> None:
    assert scan("epoch", "epoch", "epoch(x)?", "(x)?") == []


def test_text_is_utf_8() -> None:
    assert scan("Verlust für é=0.5 \N{REPLACEMENT CHARACTER}", "f.r é=([0-9.]+) .$") == [(0, 0, 0.5)]


def test_all_metrics_of_xgboost_are_found_in_its_lines() -> None:
    names = [each.name.replace(":", "-") for each in XGBOOST]
    line = "[12]" + "".join(f"#011{name}:{number}.5" for number, name in enumerate(names))
    found = LogScanner([each.regex for each in XGBOOST]).scan(line.encode())
    assert found == [(0, number, number + 0.5) for number in range(len(XGBOOST))]


@pytest.mark.parametrize("regex", HOSTILE)
def test_an_expression_that_would_backtrack_for_ever_does_not(regex: str) -> None:
    assert scan("a" * 250_000, regex) == []


@pytest.mark.parametrize("length", [32_000, 300_000, 3_000_000])
def test_long_lines_hold_nobody_up(length: int) -> None:
    features = json.dumps({f"feature_{number:05}": 0.5 for number in range(length // 22)})
    brackets = "[1]#011train-" * (length // 13)
    text = "\n".join([features, brackets, "[1]#011train-auc:0.5"])
    found = LogScanner([each.regex for each in XGBOOST]).scan(text.encode())
    assert [(XGBOOST[definition].name, line, value) for line, definition, value in found] == [("train:auc", 2, 0.5)]


def test_where_one_pass_would_take_too_much_memory_each_expression_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = scan("a=1 b=2", r"a=(\d)", r"b=(\d)")
    monkeypatch.setattr(scanner, "_MAX_BYTES", 1_000)
    assert scan("a=1 b=2", r"a=(\d)", r"b=(\d)") == expected == [(0, 0, 1.0), (0, 1, 2.0)]
