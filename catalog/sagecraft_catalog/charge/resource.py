"""The resources of an app's templates, as rules look at them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .value import Scope, Value, mapping

NESTED_STACK: Final = "AWS::CloudFormation::Stack"
_ASSET_PATH: Final = "aws:asset:path"
_CONSTRUCT_PATH: Final = "aws:cdk:path"
_ASSET: Final = re.compile(r"/([0-9a-f]{64})\.json")
_HASH: Final = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class StackTemplate:
    """A stack that an app was synthesized to.

    Attributes:
        name: As CloudFormation knows it; of a nested one, behind that of its parent.
        region: Where it goes.
        template: The template.
        directory: Where its files are, such as the templates of nested stacks.
        parameters: The values of its parameters that are known.
        tags: Of the stack.
    """

    name: str
    region: str
    template: Mapping[str, Any]
    directory: Path = Path()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """A resource of a template.

    Attributes:
        stack: The stack's name.
        logical_id: Its name in the template.
        type: As CloudFormation names it.
        path: Its construct's path; its stack and logical id where the template has none.
        properties: What is declared of it.
        tags: Its own and its stack's.
        is_conditional: Whether it may not be there.
        siblings: The template's other resources, by their logical ids.
        region: Where it goes.
    """

    stack: str
    logical_id: str
    type: str
    path: str
    properties: Value
    tags: Mapping[str, str]
    is_conditional: bool
    siblings: "Mapping[str, Resource]" = field(repr=False, compare=False)
    region: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def get(self, *path: str) -> Value:
        """A property, and a member of that, and so on."""
        return self.properties.get(*path)

    @property
    def request(self) -> Value:
        """What starts the job that it declares: to be run at deployment, or by hand."""
        return _request(self.properties)

    def referred(self, *path: str) -> "Resource | None":
        """The resource of the same template that a property refers to, or a member of that, and so on."""
        raw: Any = self.raw
        for name in path:
            raw = mapping(raw).get(name)
        for name in references(raw):
            if name in self.siblings:
                return self.siblings[name]
        return None


def references(raw: Any) -> Iterator[str]:
    """The logical ids that a part of a template refers to."""
    match raw:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(name)}:
            yield name.partition(".")[0]
        case Mapping():
            for each in raw.values():
                yield from references(each)
        case list():
            for each in raw:
                yield from references(each)
        case _:
            return


def resources_of(stacks: list[StackTemplate]) -> list[Resource]:
    """Every resource of these stacks, nested ones included.

    Raises:
        OSError: The template of a nested stack is not where its stack says.
    """
    exports: dict[str, tuple[Scope, Any]] = {}
    found: list[Resource] = []
    for stack in stacks:
        found += _resources(stack, Scope(stack.template, stack.region, stack.parameters, exports))
    return found


def _resources(stack: StackTemplate, scope: Scope) -> Iterator[Resource]:
    exports = scope.exports
    for output in mapping(mapping(stack.template).get("Outputs")).values():
        name = mapping(mapping(output).get("Export")).get("Name")
        if isinstance(name, str) and isinstance(exports, dict):
            exports[name] = (scope, output.get("Value"))
    declared = {name: mapping(content) for name, content in mapping(mapping(stack.template).get("Resources")).items()}
    siblings: dict[str, Resource] = {}
    for logical_id, content in declared.items():
        siblings[logical_id] = _resource(stack, scope, logical_id, content, siblings)
    for logical_id, content in declared.items():
        yield siblings[logical_id]
        file = _nested_template(content, stack.directory) if content.get("Type") == NESTED_STACK else None
        if file is not None:
            template = json.loads((stack.directory / file).read_text(encoding="utf-8"))
            given = mapping(mapping(content.get("Properties")).get("Parameters"))
            name = f"{stack.name}/{siblings[logical_id].path.rpartition('/')[2].removesuffix('.NestedStackResource')}"
            nested = StackTemplate(name, stack.region, template, stack.directory, given, stack.tags)
            yield from _resources(nested, Scope(template, stack.region, given, exports, scope))


def _nested_template(content: Mapping[str, Any], directory: Path) -> str | None:
    """The file of a nested stack's template: that of its metadata, or else of the asset which its URL names."""
    named: str | None = mapping(content.get("Metadata")).get(_ASSET_PATH)
    digest = _ASSET.search(json.dumps(mapping(content.get("Properties")).get("TemplateURL")))
    if named is not None or digest is None:
        return named
    for manifest in directory.glob("*.assets.json"):
        asset = json.loads(manifest.read_text(encoding="utf-8"))["files"].get(digest[1])
        if asset is not None:
            return str(asset["source"]["path"])
    return None


def _resource(
    stack: StackTemplate, scope: Scope, logical_id: str, content: Mapping[str, Any], siblings: Mapping[str, Resource]
) -> Resource:
    raw = content.get("Properties", {})
    properties = Value.of(scope, raw)
    return Resource(
        stack=stack.name,
        logical_id=logical_id,
        type=str(content.get("Type", "")),
        path=_path(stack.name, logical_id, content),
        properties=properties,
        tags={**stack.tags, **_tags(properties.get("Tags")), **_tags(_request(properties).get("Tags"))},
        is_conditional="Condition" in content,
        siblings=siblings,
        region=scope.region,
        raw=mapping(raw),
    )


def _request(properties: Value) -> Value:
    """What starts a job, where one is declared."""
    request = properties.get("Request")
    return request if not request.is_missing else properties.get("Value").from_json().get("request")


def _path(stack: str, logical_id: str, content: Mapping[str, Any]) -> str:
    path = str(mapping(content.get("Metadata")).get(_CONSTRUCT_PATH, ""))
    parts = path.split("/")
    while len(parts) > 1 and parts[-1] in {"Resource", "Default", "CustomResource", "Request"}:
        parts.pop()
    # Without a path there is the logical id, which ends with a hash.
    return "/".join(parts) or f"{stack}/{_HASH.sub('', logical_id) or logical_id}"


def _tags(declared: Value) -> dict[str, str]:
    pairs = {each.get("Key").text(): each.get("Value").text() for each in declared.members()}
    return {**pairs, **{name: value.text() for name, value in declared.entries().items()}}
