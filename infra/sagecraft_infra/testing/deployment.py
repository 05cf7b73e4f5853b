"""Deploys stacks to an emulator from within this process, without the CDK CLI: a bucket and a role in a second."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sagecraft_infra.deployment.destruction import bucket_names, empty_bucket
from sagecraft_infra.deployment.events import EventReader, StackEvent
from sagecraft_infra.deployment.images import register_declared_images
from sagecraft_infra.errors import UserError, WorkFailed
from sagecraft_infra.inventory import StackState, stack_state
from sagecraft_infra.inventory.settled import DEPLOYED, GONE, settled_stack
from sagecraft_infra.project.assembly import Assembly, Stack
from sagecraft_infra.target import Target

from .emulator import RunningEmulator
from .outputs import Outputs
from .publishing import Publisher, removable

if TYPE_CHECKING:
    import aws_cdk
    from mypy_boto3_cloudformation.type_defs import CreateStackInputTypeDef

_DEPLOY_SECONDS: Final = 3600.0
_DESTROY_SECONDS: Final = 300.0
_BODY_BYTES: Final = 51_200
"""The longest template that fits into a request, by CloudFormation's quotas."""
_NESTED: Final = "AWS::CloudFormation::Stack"


@dataclass
class TestDeployment:
    """What one test deploys.

    Resources go with their stack, whatever their `DeletionPolicy` says, and a stack is not protected against deletion,
    so that nothing is left behind.

    Args:
        emulator: Where to.
        publisher: Brings assets there.
    """

    __test__ = False  # not one for pytest, in spite of its name

    emulator: RunningEmulator
    publisher: Publisher
    _deployed: list[Stack] = field(default_factory=list, init=False)
    _assemblies: set[Path] = field(default_factory=set, init=False)

    def deploy(self, app_or_stack: "aws_cdk.Stage | aws_cdk.Stack") -> Outputs:
        """Synthesizes and deploys the stacks of an app, or a stack with those that it depends on.

        Deploying a stack again updates it.

        Returns:
            The outputs of the app's stacks, or of the one stack.

        Raises:
            UserError: The app has no stack, or needs what only the CDK CLI does: look-ups, images from a Dockerfile.
            WorkFailed: A stack failed, with the reasons from its events; what this call had made is removed again.
        """
        assembly, wanted = self._synthesize(app_or_stack)
        stacks = _in_order(assembly, wanted)
        register_declared_images(self.emulator.settings.port, Assembly(assembly.directory, tuple(stacks)))
        present = len(self._deployed)
        try:
            outputs = {stack.name: self._deploy(stack) for stack in stacks}
        except BaseException:
            self._destroy_from(present)
            raise
        return Outputs({name: outputs[name] for name in wanted})

    def destroy(self) -> None:
        """Deletes all stacks, the youngest first; their buckets are emptied before.

        Raises:
            WorkFailed: Some could not be deleted, with the reasons from their events; the others are.
        """
        try:
            self._destroy_from(0)
        finally:
            for directory in self._assemblies:
                shutil.rmtree(directory, ignore_errors=True)
            self._assemblies.clear()

    def _synthesize(self, app_or_stack: Any) -> tuple[Assembly, list[str]]:
        # The CDK takes a second to import and starts Node.js; whoever has an app has imported it.
        from aws_cdk import Stack as CdkStack  # noqa: PLC0415
        from aws_cdk import Stage  # noqa: PLC0415

        if not isinstance(app_or_stack, CdkStack | Stage):
            raise UserError(
                f"sagecraft_deploy takes an aws_cdk.App, a Stage or a Stack, got: {type(app_or_stack).__name__}"
            )
        stage = app_or_stack if isinstance(app_or_stack, Stage) else Stage.of(app_or_stack)
        if stage is None:
            raise UserError(f"The stack {app_or_stack} is in no app. Make it with an app: Stack(App(), 'Name')")
        directory = Path(stage.synth(force=True).directory)
        if directory.parent == Path(tempfile.gettempdir()) and directory.name.startswith("cdk.out"):
            # Where an app goes that is told no place.
            self._assemblies.add(directory)
        missing = json.loads((directory / "manifest.json").read_text(encoding="utf-8")).get("missing", [])
        if missing:
            raise UserError(
                "The app looks up what only the CDK CLI can find out: "
                f"{', '.join(each['key'] for each in missing)}. Give its value as context: App(context={{...}})"
            )
        project = self.emulator.target.project
        assembly = Assembly.read(directory).located(lambda: project.account, lambda: project.region)
        if isinstance(app_or_stack, CdkStack):
            wanted = [app_or_stack.stack_name]
        else:
            wanted = [stack.name for stack in assembly.stacks]
        repeated = [name for name, times in Counter(stack.name for stack in assembly.stacks).items() if times > 1]
        if repeated:
            raise UserError(
                f"The app has several stacks named {', '.join(repeated)}, and sagecraft_deploy tells stacks by their "
                "names. Give each a stack_name of its own."
            )
        if not wanted:
            raise UserError("The app has no stack. Make one: Stack(app, 'Name')")
        return assembly, wanted

    def _deploy(self, stack: Stack) -> Mapping[str, str]:
        target = self.emulator.in_account(stack.account)
        self.publisher.publish(target, stack)
        request = self._request(target, stack)
        client = target.cloudformation(stack.region)
        is_new = stack_state(target, stack.name, stack.region) is None
        reader = EventReader(target, [stack])
        if is_new:
            self._deployed.append(stack)
        try:
            if is_new:
                client.create_stack(**request)
            else:
                client.update_stack(**request)  # type: ignore[misc]  # it has the members that both take alone
        except ClientError as error:
            if not is_new and "No updates are to be performed" in str(error):
                return settled_stack(target, stack.name, stack.region, _DEPLOY_SECONDS).outputs
            raise WorkFailed(f"Stack {stack.name} is refused: {_message(error)}") from error
        state = settled_stack(target, stack.name, stack.region, _DEPLOY_SECONDS)
        if state.status not in DEPLOYED:
            raise WorkFailed(_why(f"Stack {stack.name} was not deployed", state, reader.new()))
        return state.outputs

    def _request(self, target: Target, stack: Stack) -> "CreateStackInputTypeDef":
        body = json.dumps(removable(stack.template()))
        request: CreateStackInputTypeDef = {
            "StackName": stack.name,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
            "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        }
        if len(body.encode()) > _BODY_BYTES:
            request["TemplateURL"] = self.publisher.publish_template(target, stack, body)
        else:
            request["TemplateBody"] = body
        return request

    def _destroy_from(self, first: int) -> None:
        failures = []
        for stack in reversed(self._deployed[first:]):
            try:
                self._destroy(stack)
            except WorkFailed as error:
                failures.append(str(error))
        del self._deployed[first:]
        if failures:
            raise WorkFailed("\n".join(failures))

    def _destroy(self, stack: Stack) -> None:
        target = self.emulator.in_account(stack.account)
        client = target.cloudformation(stack.region)
        if stack_state(target, stack.name, stack.region) is None:
            return
        s3 = target.s3(stack.region)
        there = frozenset(bucket_names(s3))
        for bucket in _buckets(target, stack.name, stack.region):
            if bucket in there:
                empty_bucket(s3, bucket)
        reader = EventReader(target, [stack])
        try:
            client.delete_stack(StackName=stack.name)
        except ClientError as error:
            raise WorkFailed(f"Stack {stack.name} cannot be destroyed: {_message(error)}") from error
        state = settled_stack(target, stack.name, stack.region, _DESTROY_SECONDS)
        if state.status != GONE:
            raise WorkFailed(_why(f"Stack {stack.name} was not destroyed", state, reader.new()))


def _in_order(assembly: Assembly, wanted: Sequence[str]) -> list[Stack]:
    """The wanted stacks and all that they depend on, each behind those that it depends on."""
    by_name = {stack.name: stack for stack in assembly.stacks}
    needed: dict[str, Stack] = {}
    waiting = list(wanted)
    while waiting:
        stack = by_name[waiting.pop()]
        if stack.name not in needed:
            needed[stack.name] = stack
            waiting += stack.depends_on
    order = TopologicalSorter({name: stack.depends_on for name, stack in needed.items()})
    return [needed[name] for name in order.static_order()]


def _why(what: str, state: StackState, events: Sequence[StackEvent]) -> str:
    return "\n".join([f"{what}; it is {state.status}.", *(f"  {event}" for event in events if event.is_cause)])


def _buckets(target: Target, stack_name: str, region: str) -> Iterator[str]:
    """The buckets of a stack and of the stacks nested in it."""
    pages = target.cloudformation(region).get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack_name):
        for resource in page["StackResourceSummaries"]:
            physical_id = resource.get("PhysicalResourceId", "")
            if resource["ResourceType"] == "AWS::S3::Bucket" and physical_id:
                yield physical_id
            elif resource["ResourceType"] == _NESTED and physical_id:
                yield from _buckets(target, physical_id, region)


def _message(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Message", str(error))
