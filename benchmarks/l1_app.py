"""Writes a CDK app of nothing but L1 resources: templates, declared again by the typed class of each resource.

What is written is what somebody would write by hand who has no constructs, and knows every name and every value: one
call a resource, with its properties' own types, and a token for each reference. A custom resource has no class of its
own, so it is a `CfnResource`.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

POLICIES = {"Delete": "DESTROY", "Retain": "RETAIN", "Snapshot": "SNAPSHOT"}
METADATA = "AWS::CDK::Metadata"


def write_app(templates: Path, path: Path) -> None:
    """Writes the app of the templates in a folder to `path`."""
    lines: list[str] = []
    modules: set[str] = set()
    for template in sorted(templates.glob("*.template.json")):
        lines += _stack(template, modules)
    imports = ["from aws_cdk import App, CfnOutput, CfnResource, CfnTag, RemovalPolicy, Stack, Token"]
    imports += [f"from aws_cdk import {module}" for module in sorted(modules)]
    path.write_text("\n".join([*imports, "app = App()", *lines, "app.synth()", ""]))


def resources(template: Path) -> dict[str, dict[str, Any]]:
    """The resources of a template, without what the CDK adds to each app and to each resource."""
    declared = json.loads(template.read_text())["Resources"]
    return {
        name: {
            key: sorted(value) if key == "DependsOn" else value for key, value in resource.items() if key != "Metadata"
        }
        for name, resource in declared.items()
        if resource["Type"] != METADATA
    }


def _stack(path: Path, modules: set[str]) -> Iterator[str]:
    template = json.loads(path.read_text())
    name, description = path.name.removesuffix(".template.json"), template.get("Description")
    yield f"stack = Stack(app, {name!r}, description={description!r})"
    declared = resources(path)
    yield "made = {}"
    for logical_id, resource in declared.items():
        yield f"made[{logical_id!r}] = {_made(logical_id, resource, modules)}"
        if "DeletionPolicy" in resource:
            yield f"made[{logical_id!r}].apply_removal_policy(RemovalPolicy.{POLICIES[resource['DeletionPolicy']]})"
    for logical_id, resource in declared.items():
        for other in resource.get("DependsOn", []):
            yield f"made[{logical_id!r}].add_resource_dependency(made[{other!r}])"
    for logical_id, output in template.get("Outputs", {}).items():
        export = output.get("Export", {}).get("Name")
        value = _value(output["Value"], "builtins.str", "")
        yield f"CfnOutput(stack, {logical_id!r}, value={value}, export_name={export!r})"


def _made(logical_id: str, resource: dict[str, Any], modules: set[str]) -> str:
    properties = resource.get("Properties", {})
    match resource["Type"].split("::"):
        case ["AWS", service, kind]:
            module = f"aws_{service.lower()}"
            modules.add(module)
            made = getattr(importlib.import_module(f"aws_cdk.{module}"), f"Cfn{kind}")
            return f"{module}.Cfn{kind}(stack, {logical_id!r}, {_arguments(properties, made, module)})"
        case _:
            return f"CfnResource(stack, {logical_id!r}, type={resource['Type']!r}, properties={properties!r})"


def _arguments(properties: dict[str, Any], made: type, module: str) -> str:
    """The arguments of a class for properties as CloudFormation names them."""
    parameters = inspect.signature(made.__init__).parameters.values()
    named = {parameter.name.replace("_", ""): parameter for parameter in parameters}
    arguments = []
    for name, value in properties.items():
        parameter = named[name.lower()]
        arguments.append(f"{parameter.name}={_value(value, str(parameter.annotation), module)}")
    return ", ".join(arguments)


def _value(value: Any, annotation: str, module: str) -> str:
    """A value as the annotation of its parameter has it."""
    match value:
        case dict() if annotation == "typing.Any":
            return repr(value)
        case dict() if len(value) == 1 and re.fullmatch(r"Ref|Fn::\w+", next(iter(value))):
            return f"Token.as_string({value!r})"
        case dict() if "CfnTag" in annotation:
            return f"CfnTag(key={value['Key']!r}, value={_value(value['Value'], 'builtins.str', module)})"
        case dict() if struct := re.search(r"Cfn\w+\.\w+Property", annotation):
            resource, name = struct[0].split(".")
            made = getattr(getattr(importlib.import_module(f"aws_cdk.{module}"), resource), name)
            return f"{module}.{struct[0]}({_arguments(value, made, module)})"
        case dict():
            return repr({key: _Source(_value(each, "builtins.str", module)) for key, each in value.items()})
        case list() if annotation != "typing.Any":
            return f"[{', '.join(_value(each, annotation, module) for each in value)}]"
        case _:
            return repr(value)


class _Source(str):
    """Source text, which stands for itself."""

    __slots__ = ()

    __repr__ = str.__str__
