"""The resources of all stacks of an app, and what refers to what: across stacks, nested stacks and JSON text too."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sagecraft_infra.project.assembly import Assembly

NESTED_STACK: Final = "AWS::CloudFormation::Stack"
_ASSET_PATH: Final = "aws:asset:path"
_CONSTRUCT_PATH: Final = "aws:cdk:path"
_IN_SUB: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_PLACEHOLDER: Final = re.compile("\x00(\\d+)\x00")
_HASH: Final = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True, order=True)
class Address:
    """Where a resource stands: its stack's name, with the region where two stacks share a name, and its logical id."""

    stack: str
    logical_id: str


@dataclass(frozen=True)
class Reference:
    """What a property of a resource refers to.

    Attributes:
        target: A resource of the app, or text: the `s3://…` URI or the ARN of what stands outside of the app.
        path: Where the reference stands, from the name of the property on; numbers stand for the items of lists.
    """

    target: Address | str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A resource of a template.

    Attributes:
        address: Where it stands.
        type: As CloudFormation names it.
        construct_path: Of the construct, from below its stack on; the logical id without its hash, where the template
            has no path.
        properties: As in the template.
        references: What its properties refer to.
        depends_on: What it has to wait for.
    """

    address: Address
    type: str
    construct_path: str
    properties: Mapping[str, Any]
    references: tuple[Reference, ...]
    depends_on: tuple[Address, ...]

    def targets(self, *properties: str) -> list[Address]:
        """The resources that some properties refer to."""
        found = [each.target for each in self.references if each.path[:1] and each.path[0] in properties]
        return [each for each in found if isinstance(each, Address)]


def read_resources(assembly: Assembly) -> list[Resource]:
    """Every resource of every stack, nested ones included, stack by stack.

    Raises:
        OSError: A template is not where the assembly says.
    """
    templates = _Templates(assembly)
    return [
        templates.resource(scope, logical_id, content)
        for scope in templates.scopes
        for logical_id, content in scope.resources.items()
    ]


@dataclass(frozen=True)
class _Scope:
    """A template, and where its parameters come from."""

    name: str
    template: Mapping[str, Any]
    parent: "_Scope | None" = None
    parameters: Mapping[str, Any] | None = None

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        resources: Mapping[str, Mapping[str, Any]] = self.template.get("Resources", {})
        return resources


class _Templates:
    def __init__(self, assembly: Assembly) -> None:
        names = Counter(stack.name for stack in assembly.stacks)
        self.scopes: list[_Scope] = []
        self._nested: dict[Address, _Scope] = {}
        self._exports: dict[str, list[tuple[_Scope, Any]]] = defaultdict(list)
        self._by_stack: dict[str, _Scope] = {}
        for stack in assembly.stacks:
            name = stack.name if names[stack.name] == 1 else f"{stack.name} ({stack.region})"
            scope = _Scope(name, stack.template())
            self._by_stack[stack.name] = scope
            self._add(scope, stack.template_file.parent)

    def _add(self, scope: _Scope, directory: Path) -> None:
        self.scopes.append(scope)
        for output in scope.template.get("Outputs", {}).values():
            exported = output.get("Export", {}).get("Name")
            if isinstance(exported, str):
                self._exports[exported].append((scope, output["Value"]))
        for logical_id, content in scope.resources.items():
            file = content.get("Metadata", {}).get(_ASSET_PATH)
            if content["Type"] != NESTED_STACK or file is None:
                continue
            template = json.loads((directory / file).read_text(encoding="utf-8"))
            parameters = content.get("Properties", {}).get("Parameters", {})
            path = _construct_path(scope, logical_id, content).removesuffix(".NestedStackResource")
            nested = _Scope(f"{scope.name}/{path.rpartition('/')[2]}", template, scope, parameters)
            self._nested[Address(scope.name, logical_id)] = nested
            self._add(nested, directory)

    def resource(self, scope: _Scope, logical_id: str, content: Mapping[str, Any]) -> Resource:
        needed = content.get("DependsOn", [])
        properties = content.get("Properties", {})
        return Resource(
            address=Address(scope.name, logical_id),
            type=content["Type"],
            construct_path=_construct_path(scope, logical_id, content),
            properties=properties,
            references=tuple(dict.fromkeys(self._references(scope, properties, ()))),
            depends_on=tuple(Address(scope.name, each) for each in ([needed] if isinstance(needed, str) else needed)),
        )

    def _references(self, scope: _Scope, value: Any, path: tuple[str, ...]) -> Iterator[Reference]:
        match value:
            case str():
                if re.match(r"s3://[^/]|arn:[^:]+:iam::\d*:role/", value):
                    yield Reference(value, path)
            case list():
                for number, each in enumerate(value):
                    yield from self._references(scope, each, (*path, str(number)))
            case dict():
                if len(value) == 1:
                    ((name, argument),) = value.items()
                    if name == "Ref" or name.startswith("Fn::"):
                        yield from self._intrinsic(scope, name, argument, path)
                        return
                for key, each in value.items():
                    yield from self._references(scope, each, (*path, key))
            case _:  # numbers and booleans refer to nothing
                return

    def _intrinsic(self, scope: _Scope, name: str, argument: Any, path: tuple[str, ...]) -> Iterator[Reference]:
        match name, argument:
            case (("Ref" | "Fn::GetAtt"), _):
                parts = argument if isinstance(argument, list) else argument.split(".", 1)
                yield from self._named(scope, parts[0], str(parts[1]) if len(parts) > 1 else "", path)
            case "Fn::Sub", _:
                yield from self._substituted(scope, argument, path)
            case "Fn::ImportValue", str():
                for other, value in self._exports.get(argument, ()):
                    yield from self._references(other, value, path)
            case "Fn::GetStackOutput", {"StackName": str(stack), "OutputName": str(output)} if stack in self._by_stack:
                found = self._by_stack[stack]
                yield from self._references(found, found.template["Outputs"][output]["Value"], path)
            case "Fn::Join", [str(delimiter), list(parts)]:
                yield from self._joined(scope, delimiter, parts, path)
            case _:
                yield from self._references(scope, argument, path)

    def _substituted(self, scope: _Scope, argument: Any, path: tuple[str, ...]) -> Iterator[Reference]:
        text, values = (argument, {}) if isinstance(argument, str) else argument
        for each in _IN_SUB.findall(text):
            logical_id, _, attribute = each.partition(".")
            if logical_id not in values:
                yield from self._named(scope, logical_id, attribute, path)
        yield from self._references(scope, list(values.values()), path)

    def _named(self, scope: _Scope, name: str, attribute: str, path: tuple[str, ...]) -> Iterator[Reference]:
        address = Address(scope.name, name)
        if name in scope.resources:
            nested = self._nested.get(address)
            if nested is not None and attribute.startswith("Outputs."):
                output = nested.template["Outputs"][attribute.removeprefix("Outputs.")]
                yield from self._references(nested, output["Value"], path)
            else:
                yield Reference(address, path)
        elif scope.parent is not None and scope.parameters is not None and name in scope.parameters:
            yield from self._references(scope.parent, scope.parameters[name], path)

    def _joined(self, scope: _Scope, delimiter: str, parts: list[Any], path: tuple[str, ...]) -> Iterator[Reference]:
        """Text that is put together; JSON is looked into, so that each reference is known by where it stands there."""
        text = delimiter.join(each if isinstance(each, str) else f"\0{at}\0" for at, each in enumerate(parts))
        if text.startswith("{"):
            # A control character is refused in JSON's strings unless it is not strict.
            yield from self._in_json(scope, json.loads(text, strict=False), parts, path)
            return
        found = list(self._references(scope, [each for each in parts if not isinstance(each, str)], path))
        yield from found
        if not found and text.startswith("s3://"):
            yield Reference(_PLACEHOLDER.sub(lambda match: _readable(parts[int(match[1])]), text), path)

    def _in_json(self, scope: _Scope, value: Any, parts: list[Any], path: tuple[str, ...]) -> Iterator[Reference]:
        match value:
            case dict():
                for key, each in value.items():
                    yield from self._in_json(scope, each, parts, (*path, key))
            case list():
                for each in value:
                    yield from self._in_json(scope, each, parts, path)
            case str():
                pieces = _PLACEHOLDER.split(value)
                # What stands between placeholders is text; every second piece is the number of a part.
                joined = [parts[int(piece)] if at % 2 else piece for at, piece in enumerate(pieces)]
                yield from (
                    self._joined(scope, "", joined, path) if len(joined) > 1 else self._references(scope, value, path)
                )
            case _:
                return


def _readable(value: Any) -> str:
    """A value that is known at deployment alone, as a reader may see it."""
    match value:
        case {"Ref": str(name)}:
            return f"${{{name.removeprefix('AWS::')}}}"
        case _:
            return "${…}"


def _construct_path(scope: _Scope, logical_id: str, content: Mapping[str, Any]) -> str:
    path: str | None = content.get("Metadata", {}).get(_CONSTRUCT_PATH)
    if path is None:
        return _HASH.sub("", logical_id) or logical_id
    own, *nested = scope.name.split("/")
    # Stages stand before the stack's own id.
    parts = path.split("/")
    below = parts[parts.index(own) + 1 :] if own in parts else parts[1:]
    return "/".join(below[len(nested) :] if below[: len(nested)] == nested else below)
