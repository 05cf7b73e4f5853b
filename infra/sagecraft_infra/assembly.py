"""What an app was synthesized to: the CDK's cloud assembly."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from .errors import UserError

UNKNOWN_ACCOUNT: Final = "unknown-account"
UNKNOWN_REGION: Final = "unknown-region"
LOCAL_PROGRAMS_KEY: Final = "sagecraft:local-programs"
"""As `sagecraft_constructs.local_program` writes it; importing that would start the CDK's Node.js for every command."""


@dataclass(frozen=True)
class Stack:
    """A stack of the assembly.

    Attributes:
        name: As CloudFormation knows it.
        account: Where it goes; `unknown-account` where the app leaves that to whoever deploys.
        region: Where it goes; `unknown-region` likewise.
        template_file: Its template.
    """

    name: str
    account: str
    region: str
    template_file: Path

    def template(self) -> dict[str, Any]:
        """The template itself."""
        content: dict[str, Any] = json.loads(self.template_file.read_text(encoding="utf-8"))
        return content

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
    for name, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        match artifact["type"]:
            case "aws:cloudformation:stack":
                account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
                template = directory / properties["templateFile"]
                yield Stack(properties.get("stackName", name), account, region, template)
            case "cdk:cloud-assembly":
                yield from _stacks(directory / properties["directoryName"])
            case _:  # assets and the construct tree
                continue
