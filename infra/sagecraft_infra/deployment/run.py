"""Deploys an app: synthesize, bootstrap, deploy, and say why where it fails."""

import shutil
import time
from dataclasses import dataclass, field
from typing import Final, Protocol

from sagecraft_infra.errors import Interrupted, UserError, WorkFailed
from sagecraft_infra.inventory import BOOTSTRAP_STACK, StackState, stack_state
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.settings import ENVIRONMENT_CONTEXT
from sagecraft_infra.target import Target

from .algorithms import refuse_algorithms_without_program
from .bootstrapping import VERSION_PARAMETER, bootstrap, is_bootstrapped
from .cdk import POLL_SECONDS, run_cdk, run_cdk_in_terminal
from .events import EventReader, StackEvent
from .images import register_declared_images

SETTLE_SECONDS: Final = 900
STACKS_AT_ONCE: Final = 4
"""How many stacks that do not need each other are worked on side by side."""


class Watcher(Protocol):
    """Is told how a deployment goes."""

    def step(self, text: str) -> None:
        """A new step has begun."""

    def assembly(self, assembly: Assembly) -> None:
        """The app has been synthesized."""

    def event(self, event: StackEvent) -> None:
        """CloudFormation did something."""


@dataclass
class Deployment:
    """One `up` or `down` of the app.

    Args:
        target: Where to.
        watcher: Who is told how it goes.
    """

    target: Target
    watcher: Watcher
    failures: list[StackEvent] = field(default_factory=list, init=False)

    def synthesize(self) -> Assembly:
        """Runs the app.

        Raises:
            UserError: It raised, or has no stack.
        """
        project = self.target.project
        project.check_app()
        self.watcher.step("Synthesizing the app")
        # What an earlier version of the app left would be deployed as well.
        shutil.rmtree(project.assembly_dir, ignore_errors=True)
        chosen = () if project.app is None else ("--app", project.app)
        name = project.app_environment
        context = () if name is None else ("--context", f"{ENVIRONMENT_CONTEXT}={name}")
        run_cdk(self.target, "synth", "--quiet", "--output", str(project.assembly_dir), *chosen, *context)
        assembly = self.target.read_assembly()
        if not assembly.stacks:
            raise UserError("The app has no stack. Make one in the file that cdk.json names.")
        self.watcher.assembly(assembly)
        return assembly

    def bootstrap(self, assembly: Assembly) -> None:
        """Makes what the CDK CLI needs in each account and region of the stacks, where it is missing.

        Raises:
            UserError: It is missing on AWS, where it is the user's decision.
        """
        for account, region in assembly.environments:
            if is_bootstrapped(self.target, region):
                continue
            name = f"aws://{account}/{region}"
            if not self.target.is_local:
                raise UserError(
                    f"{name} is not bootstrapped. Once for each account and region, run: cdk bootstrap {name}"
                )
            self.watcher.step(f"Bootstrapping {name}")
            if stack_state(self.target, BOOTSTRAP_STACK, region) is None and self._bootstraps_itself(assembly, account):
                bootstrap(self.target, region)
                continue
            # Of an assembly: else the CLI would run the app to find the environments that it is told here.
            run_cdk(self.target, "bootstrap", name, "--app", str(self.target.project.assembly_dir))

    def _bootstraps_itself(self, assembly: Assembly, account: str) -> bool:
        """Whether the CDK CLI, which takes seconds for it, would do no more: the app has no qualifier of its own."""
        own = self.target.project.external is None and account == self.target.account
        asked = {parameter for stack in assembly.stacks for parameter in stack.bootstrap_parameters}
        return own and asked <= {VERSION_PARAMETER}

    def settle(self, assembly: Assembly) -> None:
        """Waits until CloudFormation is done with what an earlier deployment left it to do.

        Raises:
            WorkFailed: It is not done in time.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        for stack in assembly.stacks:
            told = False
            while True:
                present = stack_state(self.target, stack.name, stack.region)
                if present is None or not _in_progress(present):
                    break
                if not told:
                    self.watcher.step(f"Waiting for stack {stack.name}, which is {present.status}")
                    told = True
                if time.monotonic() > deadline:
                    raise WorkFailed(
                        f"Stack {stack.name} has been {present.status} for {SETTLE_SECONDS // 60} minutes. "
                        "Look at its events: aws cloudformation describe-stack-events --stack-name " + stack.name
                    )
                time.sleep(POLL_SECONDS * 3)

    def deploy(self, assembly: Assembly, *, ask_approval: bool) -> None:
        """Deploys every stack of the assembly.

        Args:
            assembly: What to deploy.
            ask_approval: Whether the CDK CLI asks in the terminal before it widens permissions.

        Raises:
            UserError: The emulator has no program for an algorithm of the app.
            WorkFailed: A stack failed; with the reason of the resource that did.
            Interrupted: The user pressed Ctrl-C.
        """
        port = self.target.project.programs_port
        if self.target.is_local and port is not None:
            for note in register_declared_images(port, assembly):
                self.watcher.step(note)
            if self.target.project.settings.execute == "real":
                refuse_algorithms_without_program(port, assembly)
        reader = EventReader(self.target, assembly.stacks)
        self.watcher.step(f"Deploying {_count(len(assembly.stacks), 'stack')}")
        command = ("deploy", "--all", "--app", str(assembly.directory))
        self._run(reader, command, ask_approval=ask_approval, again="sagecraft up")

    def destroy(self, assembly: Assembly) -> None:
        """Destroys every stack of the assembly.

        Raises:
            WorkFailed: A stack could not be destroyed; with the reason.
            Interrupted: The user pressed Ctrl-C.
        """
        reader = EventReader(self.target, assembly.stacks)
        self.watcher.step(f"Destroying {_count(len(assembly.stacks), 'stack')}")
        command = ("destroy", "--all", "--force", "--app", str(assembly.directory))
        self._run(reader, command, ask_approval=False, again="sagecraft down")

    def _run(self, reader: EventReader, command: tuple[str, ...], *, ask_approval: bool, again: str) -> None:
        def read() -> None:
            for event in reader.new():
                if event.is_cause:
                    self.failures.append(event)
                self.watcher.event(event)

        try:
            if ask_approval:
                run_cdk_in_terminal(self.target, *command, "--require-approval", "broadening")
            else:
                of_deploy = () if command[0] == "destroy" else ("--require-approval", "never", "--progress", "events")
                run_cdk(self.target, *command, *of_deploy, "--concurrency", str(STACKS_AT_ONCE), meanwhile=read)
        except KeyboardInterrupt:
            raise Interrupted(self._interrupted(reader, again)) from None
        except WorkFailed as error:
            read()
            if not self.failures:
                raise
            reasons = "\n".join(str(event) for event in self.failures)
            raise WorkFailed(reasons, log=None if ask_approval else self.target.project.cdk_log) from error
        read()

    def _interrupted(self, reader: EventReader, again: str) -> str:
        standing = []
        for stack in reader.stacks:
            present = stack_state(self.target, stack.name, stack.region)
            standing.append(f"  {stack.name}: {'not there' if present is None else present.status}")
        return "\n".join(
            [
                "Interrupted. CloudFormation goes on by itself with a stack that it has begun:",
                *standing,
                f"Run '{again}' to go on; it waits for such a stack first.",
            ]
        )


def _in_progress(stack: StackState) -> bool:
    # A change set that nobody executed leaves REVIEW_IN_PROGRESS; the CDK CLI clears that away.
    return stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
