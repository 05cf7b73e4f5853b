"""Settings files: what they become, and what is said about those that do not fit."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from aws_cdk import App
from sagecraft_infra.errors import UserError
from sagecraft_infra.settings import environment_name, load_settings


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, kw_only=True)
class Vpc:
    vpc_id: str
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Settings:
    alarm_email: str
    monthly_usd: float = 20.0
    instances: int | None = None
    keep: bool = True
    size: Size = Size.SMALL
    mode: Literal["spot", "demand"] = "demand"
    data: Path = Path("data")
    vpc: Vpc | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.monthly_usd <= 0:
            raise ValueError(f"monthly_usd: should be more than 0, got {self.monthly_usd:g}.")


def load(folder: Path, text: str) -> Settings:
    (folder / "dev.toml").write_text(text)
    return load_settings(Settings, folder, "dev")


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(UserError) as refused:
        load(folder, text)
    first, *others = str(refused.value).splitlines()
    assert first == f"{folder / 'dev.toml'} does not fit Settings:"
    return [other.removeprefix("  ") for other in others]


def test_a_file_becomes_a_typed_object(tmp_path: Path) -> None:
    text = """
        alarm_email = "me@example.com"
        monthly_usd = 3
        instances = 2
        keep = false
        size = "large"
        mode = "spot"
        data = "files/rows"
        tags = {team = "ml"}
        [vpc]
        vpc_id = "vpc-1"
        zones = ["a", "b"]
    """
    assert load(tmp_path, text) == Settings(
        alarm_email="me@example.com",
        monthly_usd=3.0,
        instances=2,
        keep=False,
        size=Size.LARGE,
        mode="spot",
        data=Path("files/rows"),
        vpc=Vpc(vpc_id="vpc-1", zones=("a", "b")),
        tags={"team": "ml"},
    )


def test_what_a_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    assert load(tmp_path, 'alarm_email = "me@example.com"') == Settings(alarm_email="me@example.com")


def test_every_problem_is_named_at_once_with_its_key_and_the_near_match(tmp_path: Path) -> None:
    text = """
        alarm_emial = "me@example.com"
        monthly_usd = "20"
        instances = true
        keep = "yes"
        size = "larg"
        mode = 3
        data = 1
        tags = {team = 1}
        [vpc]
        vpc_di = "vpc-1"
        zones = ["a", 2]
    """
    known = "alarm_email, monthly_usd, instances, keep, size, mode, data, vpc, tags"
    assert problems(tmp_path, text) == [
        "alarm_email: is missing; it should be a string.",
        "monthly_usd: should be a number, got a string: '20'.",
        "instances: should be a whole number, got a boolean: True.",
        "keep: should be a boolean, got a string: 'yes'.",
        "size: should be one of small, large, got a string: 'larg'. Did you mean 'large'?",
        "mode: should be one of spot, demand, got a whole number: 3.",
        "data: should be a string, got a whole number: 1.",
        "vpc.vpc_id: is missing; it should be a string.",
        "vpc.zones[1]: should be a string, got a whole number: 2.",
        "vpc.vpc_di: is no setting. Did you mean 'vpc_id'? There are vpc_id, zones.",
        "tags['team']: should be a string, got a whole number: 1.",
        f"alarm_emial: is no setting. Did you mean 'alarm_email'? There are {known}.",
    ]


def test_a_value_where_a_table_or_an_array_should_be_is_named(tmp_path: Path) -> None:
    text = 'alarm_email = "me@example.com"\nvpc = 3\ntags = []'
    assert problems(tmp_path, text) == [
        "vpc: should be a table, got a whole number: 3.",
        "tags: should be a table, got an array: [].",
    ]
    zones = 'alarm_email = "me@example.com"\nvpc = {vpc_id = "vpc-1", zones = 3}'
    assert problems(tmp_path, zones) == ["vpc.zones: should be an array, got a whole number: 3."]


def test_what_the_class_refuses_itself_is_a_problem_of_the_file(tmp_path: Path) -> None:
    text = 'alarm_email = "me@example.com"\nmonthly_usd = -1'
    assert problems(tmp_path, text) == ["monthly_usd: should be more than 0, got -1."]


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"dev\.toml is no TOML: .*line 1"):
        load(tmp_path, "alarm_email = you@example.com\n")


@pytest.mark.parametrize("name", ["prdo", "../prod"])
def test_an_environment_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path, name: str) -> None:
    for each in ("dev", "prod"):
        (tmp_path / f"{each}.toml").write_text("")
    with pytest.raises(UserError) as refused:
        load_settings(Settings, tmp_path, name)
    assert str(refused.value) == (
        f"There is no environment '{name}'. Did you mean 'prod'? "
        f"{tmp_path} has dev, prod; make {tmp_path / name}.toml for another one."
    )


def test_a_folder_without_settings_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no environment 'dev': the folder .* has no settings file\."):
        load_settings(Settings, tmp_path, "dev")


def test_the_context_names_the_environment() -> None:
    assert environment_name(App()) == "dev"
    assert environment_name(App(context={"environment": "prod"})) == "prod"
    with pytest.raises(UserError, match=r"should be the name of an environment, such as 'dev', got 3"):
        environment_name(App(context={"environment": 3}))
