"""The outputs of deployed stacks."""

import pytest
from sagecraft_infra.testing.outputs import Outputs


def test_the_outputs_of_one_stack_are_a_mapping() -> None:
    outputs = Outputs({"Data": {"Bucket": "b", "Role": "r"}})
    assert dict(outputs) == {"Bucket": "b", "Role": "r"}
    assert (len(outputs), outputs["Role"], outputs.of("Data")["Bucket"]) == (2, "r", "b")


def test_a_name_that_several_stacks_have_must_say_which() -> None:
    outputs = Outputs({"One": {"Bucket": "1", "Role": "r"}, "Two": {"Bucket": "2"}})
    assert (list(outputs), outputs["Role"], outputs.of("Two")["Bucket"]) == (["Bucket", "Role"], "r", "2")
    with pytest.raises(KeyError, match=r"One, Two each have an output 'Bucket'; use of\('One'\)\['Bucket'\]"):
        outputs["Bucket"]


def test_what_there_is_not_is_answered_with_what_there_is() -> None:
    outputs = Outputs({"Data": {"Bucket": "b"}})
    with pytest.raises(KeyError, match="no output 'bucket'; there are: Bucket"):
        outputs["bucket"]
    with pytest.raises(KeyError, match="no stack 'data' was deployed; there are: Data"):
        outputs.of("data")
    with pytest.raises(KeyError, match="no output 'bucket'; there are: none"):
        Outputs({"Empty": {}})["bucket"]
