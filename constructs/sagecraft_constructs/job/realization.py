"""How a declared job comes to run."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final

from aws_cdk import CustomResource, Names, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct, IDependable

from sagecraft_constructs.deployed_stack import deployed_stack
from sagecraft_constructs.errors import InvalidProps

from .kind import JobKind
from .provider import JobProvider

PARAMETER_PREFIX: Final = "/sagecraft"
"""What the names of the parameters begin with that hold the requests of the jobs that are run by hand."""


class JobRealization(StrEnum):
    """How a declared job comes to run."""

    DEPLOY = "deploy"
    """CloudFormation runs it as it creates or changes the stack, which ends well only if the job does. For work under
    an hour."""
    BY_HAND = "by-hand"
    """`sagecraft run NAME` runs it, as often as one likes; the stack holds its request, in a parameter of Systems
    Manager. For work of any length."""
    PIPELINE_STEP = "pipeline-step"
    """The stack holds what the job needs, its role for one; its `request` is what a step of a SageMaker pipeline takes
    as `Arguments`. For work of any length."""


class RealizedJob:
    """A job in its stack.

    Attributes:
        kind: Its kind.
        dependables: What stands for the job as something to wait for; nothing if it does not run at deployment.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        kind: JobKind,
        realization: JobRealization,
        request: dict[str, Any],
        name_prefix: str,
        requires: Sequence[IDependable],
        allow: Callable[[JobProvider], None],
    ) -> None:
        """Puts the job into the stack.

        Args:
            scope: The construct of the job.
            kind: Its kind.
            realization: How it comes to run.
            request: What the job is asked for with, without its name.
            name_prefix: What its name begins with.
            requires: What has to be deployed before it can run.
            allow: Allows the provider what it needs for this job.
        """
        self.kind = kind
        self.dependables: tuple[IDependable, ...] = ()
        self._scope = scope
        self._realization = realization
        self._resource: CustomResource | None = None
        match realization:
            case JobRealization.DEPLOY:
                provider = JobProvider.of(scope)
                provider.allow_job(kind, name_prefix)
                allow(provider)
                self._resource = CustomResource(
                    scope,
                    "Resource",
                    resource_type=kind.resource_type,
                    service_token=provider.service_token,
                    properties={"Request": request, "NamePrefix": name_prefix},
                )
                # Without its permissions in force, the job would fail, or could not be begun at all.
                self._resource.node.add_dependency(provider.permissions, *requires)
                self.dependables = (self._resource,)
            case JobRealization.BY_HAND:
                self._parameter(request, name_prefix).node.add_dependency(*requires)
            case JobRealization.PIPELINE_STEP:
                pass

    def attribute(self, name: str, prop: str) -> str:
        """A result of the job, as the stack knows it.

        Args:
            name: The attribute of the custom resource.
            prop: What the caller asked for, for the message.

        Raises:
            InvalidProps: The job does not run when the stack is deployed.
        """
        if self._resource is None:
            problem = (
                f"{prop}: the job is run '{self._realization}', so the stack that is deployed cannot know its results. "
                "Declare it with realization=JobRealization.DEPLOY, or name the results of a run: a Model takes its "
                "artefact from ModelData.from_bucket, too."
            )
            raise InvalidProps(f"{self.kind} '{self._scope.node.path}'", [problem])
        return self._resource.get_att_string(name)

    def _parameter(self, request: dict[str, Any], name_prefix: str) -> ssm.CfnParameter:
        stack = deployed_stack(self._scope)
        path = self._scope.node.path.removeprefix(stack.node.path).lstrip("/")
        name = re.sub(r"[^A-Za-z0-9_.\-/]", "_", f"{PARAMETER_PREFIX}/{stack.stack_name}/{path}")
        content = {"kind": str(self.kind), "namePrefix": name_prefix, "request": request}
        return ssm.CfnParameter(
            self._scope,
            "Request",
            name=name,
            type="String",
            # A standard parameter holds 4 KB, and costs nothing; a longer request makes it an advanced one, of 8 KB.
            tier="Intelligent-Tiering",
            description=f"What `sagecraft run {path}` asks SageMaker for",
            value=Stack.of(self._scope).to_json_string(content),
        )


def default_name_prefix(scope: Construct, kind: JobKind) -> str:
    """A name prefix made from where a construct stands."""
    return Names.unique_resource_name(scope, max_length=kind.name_prefix_length, separator="-").lower()
