"""A step that a cluster of Amazon EMR does."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.reference import Reference, StepProperty
from sagecraft_constructs.permissions.nag import acknowledge_resource
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .retry_policy import RetryPolicy, cache_config, retries
from .step import Step

_OWN: Final = ("AutoTerminationPolicy", "Name", "Steps")
_OWN_OF_INSTANCES: Final = ("KeepJobFlowAliveWhenNoSteps", "TerminationProtected")
"""Members of `RunJobFlow` that a pipeline says itself."""
_SERVICES: Final = ("elasticmapreduce.amazonaws.com", "ec2.amazonaws.com")


class EMRStep(Step):
    """A step that runs a program on a cluster of EMR: one that runs, or one that is made for it.

    The emulator has no EMR and refuses the pipeline; a `ProcessingJob` may stand in its place there.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-emr, and the
    managed policy `AmazonSageMakerPipelinesIntegrations`, which has the actions and the rules.
    """

    step_type = "EMR"

    @check_props
    def __init__(
        self,
        *,
        name: str,
        jar: str,
        args: Sequence[str] = (),
        main_class: str | None = None,
        properties: Mapping[str, str] | None = None,
        cluster_id: str | None = None,
        execution_role: iam.IRole | None = None,
        cluster_config: Mapping[str, Any] | None = None,
        cluster_roles: Sequence[iam.IRole] = (),
        cache_for: Duration | None = None,
        retry_policies: Sequence[RetryPolicy] = (),
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            jar: What is run, such as `command-runner.jar` or `s3://…`.
            args: Of its main function. Left out, none.
            main_class: Which has that function. Left out, the one that the JAR names.
            properties: Of Java. Left out, none.
            cluster_id: A cluster that runs. Either this or `cluster_config` is given.
            execution_role: What the program runs as there. Left out, the cluster's own.
            cluster_config: As `RunJobFlow` takes it, but for its name, its steps and when it ends.
            cluster_roles: The service role and the instances' role of `cluster_config`, which the pipeline hands on.
            cache_for: Takes the result of an earlier run with the same arguments, if it is not older. Left out, the
                program is run each time.
            retry_policies: When it is tried again. Left out, after faults of the service alone.
            depends_on: What has to be done before, besides what the arguments use results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem.
        """
        problems = Problems(f"EMRStep '{name}'")
        self._declare(problems, name, depends_on, display_name, description)
        _check_cluster(problems, cluster_id, cluster_config, execution_role)
        if cluster_config is None and cluster_roles:
            problems.add("cluster_roles", "are those of 'cluster_config'; leave them out for a cluster that runs.")
        problems.raise_any()
        self._cluster_id, self._roles = cluster_id, (*cluster_roles,)
        self._cache_for, self._retry_policies = cache_for, retry_policies
        self._arguments = present(
            StepConfig={
                "HadoopJarStep": present(
                    Jar=jar,
                    Args=list(args) or None,
                    MainClass=main_class,
                    Properties=None
                    if properties is None
                    else [{"Key": key, "Value": value} for key, value in properties.items()],
                )
            },
            ClusterId=cluster_id,
            ExecutionRoleArn=None if execution_role is None else execution_role.role_arn,
            ClusterConfig=None if cluster_config is None else dict(cluster_config),
        )

    def step_property(self, path: str) -> Reference:
        """What EMR tells of the step, such as `Id` or `Status.State`, for a later step."""
        return StepProperty(self, path)

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The program, and the cluster."""
        del run
        return self._arguments

    def members(self) -> Mapping[str, Any]:
        """How it is cached and tried again."""
        return present(CacheConfig=cache_config(self._cache_for), RetryPolicies=retries(self._retry_policies))

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to run the program, on the cluster alone where that is known, and to be told how it goes."""
        known = self._cluster_id is not None and not is_token(self._cluster_id)
        cluster = _arn(scope, "elasticmapreduce", "cluster", f"{self._cluster_id}" if known else "*")
        actions = ["AddJobFlowSteps", "CancelSteps", "DescribeStep"]
        rule = "SageMakerPipelineExecutionEMRStepStatusUpdateRule"
        if self._cluster_id is None:
            actions += ["DescribeCluster", "ListSteps", "RunJobFlow", "TerminateJobFlows"]
            rule = "SageMakerPipelineExecutionEMRClusterStatusUpdateRule"
        allow(role, [f"elasticmapreduce:{action}" for action in actions], [cluster])
        if not known:
            acknowledge_resource(scope, cluster, "EMR names a cluster when it makes it.")
        events = [f"events:{action}" for action in ("DescribeRule", "PutRule", "PutTargets")]
        allow(role, events, [_arn(scope, "events", "rule", rule)])
        for each in self._roles:
            to_emr = {"StringEquals": {"iam:PassedToService": list(_SERVICES)}}
            allow(role, ["iam:PassRole"], [each.role_arn], to_emr)


def _check_cluster(
    problems: Problems,
    cluster_id: str | None,
    config: Mapping[str, Any] | None,
    execution_role: iam.IRole | None,
) -> None:
    """Notes what is wrong with a cluster.

    Source: `src/sagemaker/workflow/emr_step.py` of https://github.com/aws/sagemaker-python-sdk, which refuses the same.
    """
    if (cluster_id is None) == (config is None):
        problems.add("cluster_id", "or 'cluster_config' is needed, and no more than one of them is taken.")
    if execution_role is not None and cluster_id is None:
        problems.add("execution_role", "is for a cluster that runs; give its 'cluster_id', or leave it out.")
    if config is None:
        return
    instances = config.get("Instances")
    if not isinstance(instances, Mapping):
        problems.add("cluster_config", "should have 'Instances', an object.")
        return
    own = [*(each for each in _OWN if each in config), *(f"Instances.{e}" for e in _OWN_OF_INSTANCES if e in instances)]
    if own:
        problems.add("cluster_config", f"has {', '.join(own)}, which the pipeline says itself; leave it out.")
    if ("InstanceGroups" in instances) == ("InstanceFleets" in instances):
        problems.add("cluster_config", "should have one of 'InstanceGroups' and 'InstanceFleets' in 'Instances'.")


def _arn(scope: Construct, service: str, resource: str, name: str) -> str:
    return Stack.of(scope).format_arn(
        service=service, resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
