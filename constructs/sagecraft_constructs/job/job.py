"""A job as a construct, of whatever kind."""

import re
from collections.abc import Sequence
from typing import Any, Final

import jsii
from aws_cdk import CustomResource, ITaggableV2, Names, TagManager, TagType
from aws_cdk import aws_ssm as ssm
from constructs import Construct, IDependable
from sagecraft_catalog import check_step_property

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.deployed_stack import deployed_stack
from sagecraft_constructs.errors import InvalidProps, Problems

from .checks import check_name_prefix
from .kind import JobKind
from .needs import JobNeeds
from .provider import JobProvider
from .realization import JobRealization
from .reference import StepProperty
from .tags import request_tags

PARAMETER_PREFIX: Final = "/sagecraft"
"""What the names of the parameters begin with that hold the requests of the jobs that are run by hand."""
_LONGEST_PARAMETER: Final = 1011 - len("arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter")
_DEEPEST_PARAMETER: Final = 15


@jsii.implements(ITaggableV2)
class Job(Construct):
    """A job as a construct: its name, its tags, and how it comes to run.

    A kind of job derives from it, makes what the work needs and the request, and calls `_realize`.

    Attributes:
        kind: What it is.
        realization: How it comes to run.
        name_prefix: What its name begins with, where the deployment or somebody runs it.
        request: What SageMaker is asked for, without its name.
        needs: What whoever begins it needs.
        requires: What has to be deployed before it can run.
    """

    request: dict[str, Any]
    needs: JobNeeds
    requires: tuple[IDependable, ...]

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        kind: JobKind,
        name_prefix: str | None,
        realization: JobRealization,
    ) -> None:
        """Names the job.

        Args:
            scope: Where it stands.
            id: Its name there.
            kind: What it is.
            name_prefix: What the name of the job begins with; `None` makes it from where the construct stands.
            realization: How it comes to run.
        """
        super().__init__(scope, id)
        self.kind = kind
        self.realization = realization
        self._resource: CustomResource | None = None
        self._tag_manager = TagManager(TagType.STANDARD, kind.resource_type)
        self._tags = request_tags(self._tag_manager)
        self.name_prefix = (
            Names.unique_resource_name(self, max_length=kind.name_prefix_length, separator="-").lower()
            if name_prefix is None
            else name_prefix
        )

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """Where `Tags.of` leaves the job's tags."""
        return self._tag_manager

    def _problems(self, construct: str) -> Problems:
        """Where what is wrong with the job is noted; what is wrong with its name is already.

        Args:
            construct: What the message calls the construct.
        """
        problems = Problems(f"{construct} '{self.node.path}'")
        check_name_prefix(problems, self.kind, self.name_prefix)
        return problems

    def _realize(self, request: dict[str, Any], *, needs: JobNeeds, requires: Sequence[IDependable]) -> None:
        """Puts the job into the stack.

        Args:
            request: What it is asked for with, without its name.
            needs: What whoever begins it needs.
            requires: What has to be deployed before it can run.
        """
        self.request = request
        self.needs = needs
        self.requires = tuple(requires)
        match self.realization:
            case JobRealization.DEPLOY:
                provider = JobProvider.of(self)
                provider.allow(self.kind, self.name_prefix, needs)
                self._resource = CustomResource(
                    self,
                    "Resource",
                    resource_type=self.kind.resource_type,
                    service_token=provider.service_token,
                    properties={"Request": request, "NamePrefix": self.name_prefix},
                )
                # Without its permissions in force, the job would fail, or could not be begun at all.
                self._resource.node.add_dependency(provider.permissions, *requires)
            case JobRealization.BY_HAND:
                self._parameter().node.add_dependency(*requires)
            case JobRealization.PIPELINE_STEP:
                pass

    @property
    def _dependables(self) -> tuple[IDependable, ...]:
        """What stands for the job as something to wait for; nothing if it does not run at deployment."""
        return () if self._resource is None else (self._resource,)

    def step_arguments(self, run: str) -> dict[str, Any]:
        """The request, as the `Arguments` of a step of a pipeline.

        Args:
            run: What tells a run of the pipeline from others; what a run leaves must not lie where that of others does.

        Raises:
            InvalidProps: A step cannot run such a job.
        """
        del run
        return self.request

    def step_property(self, path: str) -> str:
        """What a later step of a pipeline uses of what SageMaker tells of the job, for a job that is run as a step.

        Args:
            path: In the answer of the describe operation, such as `FinalMetricDataList['validation:auc'].Value`.

        Raises:
            InvalidProps: There is no such property (near matches are named), or the job is not run as a step.
        """
        subject = f"{self.kind.name} '{self.node.path}'"
        if self.realization is not JobRealization.PIPELINE_STEP:
            problem = (
                f"step_property: the job is run '{self.realization}', and has those of a step with "
                "realization=JobRealization.PIPELINE_STEP alone."
            )
            raise InvalidProps(subject, [problem])
        problems = Problems(subject)
        is_text = True
        with problems.noting("step_property"):
            is_text = check_step_property(self.kind.step, path)
        problems.raise_any()
        return StepProperty(self, path, is_text=is_text).text

    def _result(self, attribute: str, prop: str, step_property: str | None = None) -> str:
        """A result of the job, as the stack knows it, or a later step of the pipeline whose step the job is.

        Args:
            attribute: Of the custom resource.
            prop: What the caller asked for, for the message.
            step_property: What of a step tells it. Left out, nothing does.

        Raises:
            InvalidProps: The job does not run when the stack is deployed, and not as a step that tells it.
        """
        if self.realization is JobRealization.PIPELINE_STEP and step_property is not None:
            return self.step_property(step_property)
        if self._resource is None:
            problem = (
                f"{prop}: the job is run '{self.realization}', so the stack that is deployed cannot know its results. "
                "Declare it with realization=JobRealization.DEPLOY, or name the results of a run: a Model takes its "
                "artefact from ModelData.from_bucket, too."
            )
            raise InvalidProps(f"{self.kind.name} '{self.node.path}'", [problem])
        return self._resource.get_att_string(attribute)

    def _parameter(self) -> ssm.CfnParameter:
        within = f"{PARAMETER_PREFIX}/{deployed_stack(self).stack_name}/"
        path = self._parameter_path(within)
        content = {"kind": self.kind.name, "namePrefix": self.name_prefix, "request": self.request}
        return ssm.CfnParameter(
            self,
            "Request",
            name=f"{within}{path}",
            type="String",
            # A standard parameter holds 4 KB, and costs nothing; a longer request makes it an advanced one, of 8 KB.
            tier="Intelligent-Tiering",
            description=f"What `sagecraft run {path}` asks SageMaker for",
            value=stack_of(self).to_json_string(content),
        )

    def _parameter_path(self, within: str) -> str:
        """What tells the job's parameter from those of the other jobs of its stack.

        It is the path of the construct, or where Systems Manager takes no such name, a name that is made of the path.

        Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html

        Args:
            within: What stands before it in the parameter's name.
        """
        path = self.node.path.removeprefix(deployed_stack(self).node.path).lstrip("/")
        name = f"{within}{path}"
        is_taken = re.fullmatch(r"[A-Za-z0-9_.\-/]+", path) is not None
        if is_taken and len(name) <= _LONGEST_PARAMETER and name.count("/") <= _DEEPEST_PARAMETER:
            return path
        return Names.unique_resource_name(self, max_length=_LONGEST_PARAMETER - len(within), separator="-")
