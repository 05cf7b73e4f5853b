"""An algorithm is a file of facts; a line in one list says what its hyperparameters demand of each other."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sagecraft_catalog import Algorithm, algorithms
from sagecraft_catalog.algorithm import container
from sagecraft_catalog.algorithm.rules import RULES
from sagecraft_catalog.package_data import load

MADE_UP: Mapping[str, Any] = {
    "images": {
        "training": [
            {"versions": ["1"], "accounts": "R001", "repository": "mean", "tag_suffix": "", "processors": ["cpu"]}
        ]
    },
    "hyperparameters": {"low": {"kind": "Integer"}, "high": {"kind": "Integer", "required": True}},
    "aliases": {},
}


def conflicts(values: Mapping[str, Any], unresolved: frozenset[str]) -> Iterator[str]:
    if {"low", "high"} <= values.keys() and values["low"] > values["high"]:
        yield "low: greater than high; swap them."


def test_rules_are_those_of_algorithms() -> None:
    assert set(RULES) <= set(algorithms())


def test_facts_and_one_line_are_all_that_a_new_algorithm_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dict_of_rules(), "mean", conflicts)
    monkeypatch.setattr(container, "load", lambda name: MADE_UP if name == "algorithms/mean" else load(name))
    mean = Algorithm("mean")
    assert mean.image_uri("1", "us-east-1") == "811284229777.dkr.ecr.us-east-1.amazonaws.com/mean:1"
    assert mean.parse_hyperparameters({"low": "1", "high": "2"}) == {"low": 1, "high": 2}
    assert mean.check_hyperparameters({"low": "3", "high": "2"}) == ["low: greater than high; swap them."]
    assert mean.check_hyperparameters({}) == ["high: required, but not given."]


def dict_of_rules() -> dict[str, Any]:
    assert isinstance(RULES, dict)
    return RULES
