import pytest
from sagecraft_catalog import CatalogError, InvalidName, check_name


def test_good_names_pass() -> None:
    check_name("TrainingJobName", "titanic-2024")
    check_name("ChannelName", "train_1.csv")
    check_name("EndpointName", "a" * 63)


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("TrainingJobName", "", "has 0 characters; it must have 1 to 63"),
        ("EndpointName", "a" * 64, "has 64 characters"),
        ("TrainingJobName", "under_score", "use letters, digits and '-', and begin and end with a letter or digit"),
        ("ModelName", "-model", "begin and end with a letter or digit"),
        ("ChannelName", "a channel", "use letters, digits, '.', '-' and '_'"),
        ("EndpointName", "naïve", "does not match"),
    ],
)
def test_bad_name_is_told_what_is_allowed(kind: str, name: str, told: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_name(kind, name)
    assert str(caught.value).startswith(f"{kind} '{name}'")
    assert told in str(caught.value)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(CatalogError, match="Did you mean 'TrainingJobName'"):
        check_name("TraningJobName", "x")
