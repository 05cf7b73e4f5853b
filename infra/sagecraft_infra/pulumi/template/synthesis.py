"""From a factory of constructs to the templates that the CDK synthesizes of them, in this process."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_cdk
from constructs import Construct

from sagecraft_infra.errors import UserError

from .document import Template
from .errors import NotExpressible, Place

StackFactory = Callable[[aws_cdk.Stack], Mapping[str, Any] | None]


@dataclass(frozen=True)
class FileAsset:
    """A file or folder that CloudFormation expects in a bucket.

    Attributes:
        bucket_name: The bucket's name as the template writes it: a pattern of `Fn::Sub`, or plain.
        object_key: The key.
        path: What lies there.
        is_folder: Whether the object is to be an archive of the folder.
    """

    bucket_name: str
    object_key: str
    path: Path
    is_folder: bool


@dataclass(frozen=True)
class SynthesizedStack:
    """A stack of what was synthesized.

    Attributes:
        template: Its template.
        assets: Its files.
        directory: Where the synthesized files lie; nested stacks' templates are found there.
        account: Where it goes; none where the template fits any.
        region: Likewise.
    """

    template: Template
    assets: tuple[FileAsset, ...] = ()
    directory: Path = field(default_factory=Path)
    account: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Synthesized:
    """What a factory declared.

    Attributes:
        stacks: Each after those that it imports from; empty ones are left out.
        returned: The logical ids of the outputs of the first stack that hold what the factory returned, by its names.
    """

    stacks: tuple[SynthesizedStack, ...]
    returned: Mapping[str, str]


def synthesize(name: str, factory: StackFactory, *, env: aws_cdk.Environment | None = None) -> Synthesized:
    """Calls the factory with a new stack and synthesizes what it declares.

    Args:
        name: The stack's name.
        factory: Declares constructs in the stack, and may make more stacks within it. What it returns becomes outputs.
        env: Account and region of the stack. Left out, the template fits any.

    Raises:
        UserError: The factory returned something else than a mapping; or the stack needs a look-up in the account.
        NotExpressible: An asset that Pulumi cannot upload, or a section of a template that it has nothing like.
    """
    directory = Path(tempfile.mkdtemp(prefix="sagecraft-pulumi-"))
    # Pulumi's engine reads assets while the program runs, so that they stay until its end.
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    # The CDK's rules are on what CloudFormation takes, cost seconds for each stack, and are not Pulumi's.
    context = {"@aws-cdk/core:validateAgainstDefaultRules": False}
    app = aws_cdk.App(outdir=str(directory), analytics_reporting=False, context=context)
    stack = aws_cdk.Stack(app, name, env=env)
    returned = factory(stack)
    if returned is not None and not isinstance(returned, Mapping):
        raise UserError(
            f"The stack factory of {name!r} returned {type(returned).__name__}. Return a mapping from the names of "
            "outputs to their values, or nothing."
        )
    # In a scope of their own, lest an output has the id of a construct.
    scope = Construct(stack, "ComponentOutputs")
    outputs = {
        key: aws_cdk.CfnOutput(scope, key, value=aws_cdk.Token.as_string(value))
        for key, value in (returned or {}).items()
    }
    logical_ids = {key: stack.resolve(output.logical_id) for key, output in outputs.items()}
    app.synth()
    return Synthesized(tuple(read_assembly(directory)), logical_ids)


def read_assembly(directory: Path) -> Iterator[SynthesizedStack]:
    """The stacks of a folder that the CDK synthesized, each after those that it depends on.

    Raises:
        UserError: A stack needs a look-up in the account.
        NotExpressible: As `synthesize`.
    """
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    for missing in manifest.get("missing", ()):
        raise UserError(
            f"The stack needs a look-up in the account that only the CDK's CLI does: {missing['provider']} "
            f"{json.dumps(missing['props'])}. Give the value itself, such as the attributes of the VPC, as an input."
        )
    artifacts = manifest.get("artifacts", {})
    for name in _in_order(artifacts):
        properties = artifacts[name]["properties"]
        content = json.loads((directory / properties["templateFile"]).read_text(encoding="utf-8"))
        if not content.get("Resources") and not content.get("Outputs"):
            continue
        account, _, region = artifacts[name]["environment"].removeprefix("aws://").partition("/")
        yield SynthesizedStack(
            Template.read(properties.get("stackName", name), content),
            tuple(_assets(directory, artifacts, name)),
            directory,
            None if account == "unknown-account" else account,
            None if region == "unknown-region" else region,
        )


def _in_order(artifacts: Mapping[str, Any]) -> Iterator[str]:
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done or artifacts[name]["type"] != "aws:cloudformation:stack":
            return
        done.add(name)
        for needed in artifacts[name].get("dependencies", ()):
            yield from visit(needed)
        yield name

    for name in artifacts:
        yield from visit(name)


def _assets(directory: Path, artifacts: Mapping[str, Any], stack: str) -> Iterator[FileAsset]:
    needed = [artifacts[name] for name in artifacts[stack].get("dependencies", ())]
    for manifest_file in (each["properties"]["file"] for each in needed if each["type"] == "cdk:asset-manifest"):
        manifest = json.loads((directory / manifest_file).read_text(encoding="utf-8"))
        for image in manifest.get("dockerImages", {}).values():
            problem = (
                f"the image {image.get('displayName', image['source'])!r} would have to be built and pushed. Push it "
                "to a repository yourself and name its URI."
            )
            raise NotExpressible(Place(f"stack '{stack}'"), problem)
        for asset in manifest.get("files", {}).values():
            for destination in asset["destinations"].values():
                source = asset["source"]
                yield FileAsset(
                    destination["bucketName"],
                    destination["objectKey"],
                    directory / source["path"],
                    source["packaging"] == "zip",
                )
