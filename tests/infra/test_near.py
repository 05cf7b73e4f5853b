"""What a message says of a name that there is not."""

import pytest
from sagecraft_infra.near import near

MANY = [f"nightly-{number}" for number in range(30)]


@pytest.mark.parametrize(
    ("name", "present", "told"),
    [
        ("nope", ["noexp", *MANY], "Did you mean 'noexp'?"),
        ("Nightly", MANY[:2], "Did you mean 'nightly-1' or 'nightly-0'?"),
        ("9", MANY[:10], "Did you mean 'nightly-9'?"),
        ("churn", MANY[:2], "There are: nightly-0, nightly-1."),
        ("churn", MANY, "Among others there are: nightly-0, nightly-1, nightly-2, nightly-3, nightly-4."),
        ("churn", ["nightly", "nightly"], "There are: nightly."),
        ("churn", [], "Nothing runs yet; deploy with: sagecraft up"),
    ],
)
def test_what_is_alike_is_asked_for_and_all_is_said_to_be_all_alone(name: str, present: list[str], told: str) -> None:
    assert near(name, present) == told
