"""What an app was synthesized to: the CDK's cloud assembly."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sagecraft_catalog.charge.resource import StackTemplate

from sagecraft_infra.errors import UserError

_ASSET_HASH_LENGTH: Final = 64
UNKNOWN_ACCOUNT: Final = "unknown-account"
UNKNOWN_REGION: Final = "unknown-region"
_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
_ASSETS: Final = "cdk:asset-manifest"
_NESTED_TEMPLATE: Final = ".nested.template.json"
LOCAL_PROGRAMS_KEY: Final = "sagecraft:local-programs"
"""As `sagecraft_constructs` writes it; importing that would start the CDK's Node.js for every command."""


@dataclass(frozen=True)
class Stack:
    """A stack of the assembly.

    Attributes:
        name: As CloudFormation knows it.
        account: Where it goes; `unknown-account` where the app leaves that to whoever deploys.
        region: Where it goes; `unknown-region` likewise.
        template_file: Its template.
        depends_on: The names of the stacks that have to be there before it.
        asset_manifests: The files that list its assets.
        bootstrap_parameters: The SSM parameters in which it looks for the version of the bootstrap stack.
        parameters: The values of its template's parameters that the app has set.
        tags: Of the stack itself.
    """

    name: str
    account: str
    region: str
    template_file: Path
    depends_on: tuple[str, ...] = ()
    asset_manifests: tuple[Path, ...] = ()
    bootstrap_parameters: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def template(self) -> dict[str, Any]:
        """The template itself."""
        content: dict[str, Any] = json.loads(self.template_file.read_text(encoding="utf-8"))
        return content

    def templates(self) -> Iterator[dict[str, Any]]:
        """The template itself, and those of the stacks that are nested in it, which are assets."""
        yield self.template()
        for manifest in self.asset_manifests:
            files = json.loads(manifest.read_text(encoding="utf-8")).get("files", {})
            for path in (each.get("source", {}).get("path", "") for each in files.values()):
                if path.endswith(_NESTED_TEMPLATE):
                    yield json.loads((manifest.parent / path).read_text(encoding="utf-8"))

    def local_programs(self) -> Mapping[str, Mapping[str, str]]:
        """The local program of each image that has one: by the hash of an image asset, or by the image's URI."""
        programs: Mapping[str, Mapping[str, str]] = self.template().get("Metadata", {}).get(LOCAL_PROGRAMS_KEY, {})
        return programs


@dataclass(frozen=True)
class Assembly:
    """A folder that `cdk synth` wrote.

    Attributes:
        directory: The folder.
        stacks: What is in it, those of stages included.
    """

    directory: Path
    stacks: tuple[Stack, ...]

    @classmethod
    def read(cls, directory: Path) -> "Assembly":
        """Reads the assembly.

        Raises:
            UserError: There is none in the folder.
        """
        if not (directory / "manifest.json").is_file():
            raise UserError(f"There is no synthesized app in {directory}. Run: cdk synth --quiet")
        return cls(directory, tuple(_stacks(directory)))

    def located(self, account: Callable[[], str], region: Callable[[], str]) -> "Assembly":
        """The same assembly, with the account and region filled in for the stacks whose app leaves them open."""
        return replace(self, stacks=tuple(_located(stack, account, region) for stack in self.stacks))

    def stack_templates(self) -> list[StackTemplate]:
        """The templates of its stacks, as what reads their values takes them."""
        return [
            StackTemplate(
                stack.name, stack.region, stack.template(), stack.template_file.parent, stack.parameters, stack.tags
            )
            for stack in self.stacks
        ]

    @property
    def environments(self) -> list[tuple[str, str]]:
        """The accounts and regions that the stacks go to, each once."""
        return list(dict.fromkeys((stack.account, stack.region) for stack in self.stacks))


def _located(stack: Stack, account: Callable[[], str], region: Callable[[], str]) -> Stack:
    if stack.account == UNKNOWN_ACCOUNT:
        stack = replace(stack, account=account())
    return replace(stack, region=region()) if stack.region == UNKNOWN_REGION else stack


def _stacks(directory: Path) -> Iterator[Stack]:
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    artifacts: Mapping[str, Mapping[str, Any]] = manifest.get("artifacts", {})
    for name, artifact in artifacts.items():
        if artifact["type"] == _STACK:
            yield _stack(directory, name, artifacts)
        elif artifact["type"] == _NESTED:
            yield from _stacks(directory / artifact["properties"]["directoryName"])


def _stack(directory: Path, name: str, artifacts: Mapping[str, Mapping[str, Any]]) -> Stack:
    artifact = artifacts[name]
    properties = artifact["properties"]
    account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
    needed = {each: artifacts[each] for each in artifact.get("dependencies", ()) if each in artifacts}
    assets = [each["properties"] for each in needed.values() if each["type"] == _ASSETS]
    parameter = properties.get("bootstrapStackVersionSsmParameter")
    return Stack(
        _stack_name(name, artifact),
        account,
        region,
        directory / properties["templateFile"],
        depends_on=tuple(_stack_name(*each) for each in needed.items() if each[1]["type"] == _STACK),
        asset_manifests=tuple(directory / each["file"] for each in assets),
        bootstrap_parameters=() if parameter is None else (parameter,),
        parameters=properties.get("parameters", {}),
        tags=properties.get("tags", {}),
    )


def _stack_name(artifact_id: str, artifact: Mapping[str, Any]) -> str:
    name: str = artifact["properties"].get("stackName", artifact_id)
    return name


def is_asset_hash(image: str) -> bool:
    """Whether an image is named by the hash of its asset: one that is built from a Dockerfile."""
    return len(image) == _ASSET_HASH_LENGTH and all(each in "0123456789abcdef" for each in image)
