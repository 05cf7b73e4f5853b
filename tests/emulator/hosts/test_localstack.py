"""What LocalStack finds by its entry points; LocalStack itself is in environments of its own (`tests/localstack`)."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

from sagecraft_emulator.engine import NOUNS

ROOT = Path(__file__).parents[3]
PREFIX = "localstack."
DEFINITION = (ast.FunctionDef, ast.ClassDef)


def entry_points() -> dict[str, dict[str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {group: named for group, named in project["entry-points"].items() if group.startswith(PREFIX)}


def test_every_resource_type_has_a_plugin_and_so_have_custom_resources() -> None:
    plugins = entry_points()["localstack.cloudformation.resource_providers"]

    assert set(plugins) == {*NOUNS.resource_types, "AWS::CloudFormation::CustomResource"}
    modules = {name: target.partition(":")[2] for name, target in plugins.items()}
    assert all(modules[name] == name.rpartition("::")[2] for name in NOUNS.resource_types)


def test_every_entry_point_names_something_that_is_there() -> None:
    for named in entry_points().values():
        for target in named.values():
            module, _, name = target.partition(":")
            source = ROOT / "emulator" / f"{module.replace('.', '/')}.py"
            defined = {each.name for each in ast.parse(source.read_text()).body if isinstance(each, DEFINITION)}
            # The plug-in of a resource type is made when it is asked for.
            made = {each.rpartition("::")[2] for each in NOUNS.resource_types} if "__getattr__" in defined else set()
            assert name in defined | made, target
