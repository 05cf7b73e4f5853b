"""A job as a step."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.needs import allow_jobs, allow_needs
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props

from .retry_policy import RetryPolicy, cache_config, retries
from .step import Step

_NAMED_BY_RUN = 32
"""How many characters the names of jobs have that a pipeline does not begin with its own word."""


class JobStep(Step):
    """A job as a step, with what a pipeline adds to a job. A pipeline takes the job itself where nothing is added.

    Its arguments are the job's request. What the job leaves are attributes of the job, which later steps use.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html

    Attributes:
        name: Its name in the pipeline.
        job: What is run.
    """

    @check_props
    def __init__(
        self,
        job: Job,
        *,
        name: str | None = None,
        cache_for: Duration | None = None,
        retry_policies: Sequence[RetryPolicy] = (),
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Makes a step of a job.

        Args:
            job: Declared with `realization=JobRealization.PIPELINE_STEP`.
            name: Letters, digits, `-` and `_`, at most 64. Left out, the id of the job's construct.
            cache_for: Takes the result of an earlier run with the same arguments, if it is not older. Left out, the
                job is run each time.
            retry_policies: When the job is tried again. Left out, after faults of the service alone, as AWS does.
            depends_on: What has to be done before, besides what the job uses results of: steps, jobs, or names of
                steps. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem: the job is run otherwise, the name is none, and so on.
        """
        problems = Problems(f"JobStep '{job.node.path}'")
        self.job = job
        self.step_type = job.kind.step
        self._declare(problems, job.node.id if name is None else name, depends_on, display_name, description)
        self._cache_for = cache_for
        self._retry_policies = retry_policies
        if job.realization is not JobRealization.PIPELINE_STEP:
            problems.add(
                "job", f"is run '{job.realization}'; declare it with realization=JobRealization.PIPELINE_STEP."
            )
        if not job.kind.step:
            problems.add("job", f"a {job.kind.name} is none that a step of a pipeline runs.")
        problems.raise_any()

    @property
    def owner(self) -> object:
        """The job."""
        return self.job

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The job's request."""
        return self.job.step_arguments(run)

    def members(self) -> Mapping[str, Any]:
        """How it is cached and tried again."""
        return present(CacheConfig=cache_config(self._cache_for), RetryPolicies=retries(self._retry_policies))

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to run the job."""
        kind, needs = self.job.kind, self.job.needs
        # Of 32 characters, a pipeline spends none on its own word: `<execution id>-<step>-<something>`.
        prefix = "" if kind.longest_name <= _NAMED_BY_RUN else "pipelines-"
        actions = ["AddTags", f"Create{kind.name}", f"Describe{kind.name}", f"Stop{kind.name}"]
        reason = "A pipeline names its jobs itself, by the id of its execution and the name of the step."
        allow_jobs(scope, role, actions, kind, prefix, reason)
        if needs.begun is not None:
            allow_jobs(scope, role, [f"Describe{needs.begun.name}"], needs.begun, "", reason)
            allow_jobs(scope, role, [f"List{needs.begun.name}sFor{kind.name}"], kind, prefix, reason)
        allow_needs(role, needs)

    @property
    def requires(self) -> tuple[IDependable, ...]:
        """What the job needs."""
        return self.job.requires


def as_steps(given: Sequence[Step | Job]) -> tuple[Step, ...]:
    """Steps, and those that jobs are."""
    return tuple(JobStep(each) if isinstance(each, Job) else each for each in given)
