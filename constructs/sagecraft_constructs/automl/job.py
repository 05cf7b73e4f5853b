"""An AutoML job."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import join_key

from sagecraft_constructs import permissions
from sagecraft_constructs.data.dataset import Dataset
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.place import check_key_regions, check_prefix, check_region
from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.needs import JobNeeds
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props

from .best_candidate import BestCandidate
from .checks import check_caps, check_data, check_limits
from .kind import AUTOML, LOG_GROUPS
from .metric import AutoMLMetric
from .mode import AutoMLMode
from .problem import AutoMLProblem
from .request import AutoMLJobDefinition, create_auto_ml_job_request, create_auto_ml_job_v1_request
from .tabular import TabularProblem

_FEATURES_FILE: Final = "features.json"


class AutoMLJob(Job):
    """A SageMaker Autopilot job, run by CloudFormation as it creates the stack, or as `realization` says.

    It is given data and what to tell of it, and finds the model: it explores the data, trains candidates, compares
    them, and explains the best. `Model.from_automl` serves that one. What stands at `TrainingJob` about names, changes,
    failures and tags holds here too. It makes no endpoint by itself, which nothing would delete.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJobV2.html

    Attributes:
        role: The execution role.
        name_prefix: What the name of the job begins with.
        request: What SageMaker is asked for, without the name: the `Arguments` of a step of a pipeline.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        problem: AutoMLProblem,
        training: TrainingInput,
        output_bucket: s3.IBucket,
        max_candidates: int | None = None,
        max_runtime: Duration | None = None,
        max_candidate_runtime: Duration | None = None,
        objective: AutoMLMetric | None = None,
        validation: TrainingInput | None = None,
        validation_fraction: float | None = None,
        output_prefix: str = "automl",
        output_key: kms.IKey | None = None,
        volume_key: kms.IKey | None = None,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        role: iam.IRole | None = None,
        name_prefix: str | None = None,
        realization: JobRealization = JobRealization.DEPLOY,
    ) -> None:
        """Declares the job.

        Args:
            scope: Where it stands.
            id: Its name there.
            problem: What is to be learnt: a `TabularProblem`, a `TextClassification` or a `TimeSeriesForecasting`.
            training: The data, as CSV with a header or as Parquet, such as `Dataset.channel(...)`.
            output_bucket: Where models, reports and notebooks go.
            max_candidates: How many candidates are trained at most: up to 750 for a table, one for everything else.
                Needed: an AutoML job is as dear as its limits.
            max_runtime: How long all of it takes at most; the best candidate by then is the result. At most 45 minutes
                where the deployment runs it, because that waits for less than an hour, else 30 days. Needed as well.
            max_candidate_runtime: How long a candidate takes at most. Left out, as long as the job.
            objective: What candidates are compared by. Left out, SageMaker's own choice for the problem.
            validation: What candidates are compared on. Left out, a part of the other.
            validation_fraction: How much of the data is that part. Left out, a fifth.
            output_prefix: What the keys of the results begin with; the name prefix and the name of the job follow. Left
                out, `automl`.
            output_key: Encrypts the results. Left out, the bucket's default encryption does.
            volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
            vpc: Where the network interfaces of the work stand. Left out, it runs outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the work in the VPC. Left out, one is made that allows nothing in.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the job needs.
            name_prefix: Lower case, at most 18 characters. Left out, made from where the construct stands.
            realization: How the job comes to run. Left out, the deployment runs it.

        Raises:
            InvalidProps: With every problem: a limit is left out, a metric is none of the problem's, and so on.
        """
        super().__init__(scope, id, kind=AUTOML, name_prefix=name_prefix, realization=realization)
        self._output_bucket = output_bucket
        self._output_prefix = join_key(output_prefix, self.name_prefix)
        problems = self._problems("AutoMLJob")
        check_caps(problems, max_candidates=max_candidates, max_runtime=max_runtime)
        if max_candidates is None or max_runtime is None:
            raise problems.error()
        definition = AutoMLJobDefinition(
            problem=problem,
            training=training,
            validation=validation,
            validation_fraction=validation_fraction,
            objective=objective,
            max_candidates=max_candidates,
            max_runtime=max_runtime,
            max_candidate_runtime=max_candidate_runtime,
            features_uri=None,
            output_uri=output_bucket.s3_url_for_object(self._output_prefix),
            output_key=output_key,
            volume_key=volume_key,
            network=None,
            role_arn="",
            tags=self._tags,
        )
        check_prefix(problems, "output_prefix", output_prefix)
        check_region(problems, self, "output_bucket", output_bucket)
        check_region(problems, self, "training", training.bucket)
        if validation is not None:
            check_region(problems, self, "validation", validation.bucket)
        check_key_regions(problems, self, output_key=output_key, volume_key=volume_key)
        check_limits(problems, definition, realization)
        check_data(problems, definition)
        problem.check(problems, objective)
        problems.raise_any()
        self.role = execution_role(self, role)
        features = self._features(problem)
        inputs = [each for each in (training, validation, features) if each is not None]
        self._definition = replace(
            definition,
            features_uri=None if features is None else f"{features.s3_uri}{_FEATURES_FILE}",
            network=Network.of(self, vpc, subnets, security_groups),
            role_arn=self.role.role_arn,
        )
        self._allow(inputs)
        self._realize(
            create_auto_ml_job_request(self._definition),
            needs=JobNeeds(role=self.role, results=(output_bucket, f"{self._output_prefix}/"), volume_key=volume_key),
            requires=[self.role, *(each for input_ in inputs for each in input_.requires)],
        )

    @property
    def auto_ml_job_name(self) -> str:
        """The name of the job that the deployment runs."""
        return self._result("AutoMLJobName", "auto_ml_job_name", "AutoMLJobName")

    @property
    def auto_ml_job_arn(self) -> str:
        """The ARN of the job that the deployment runs."""
        return self._result("AutoMLJobArn", "auto_ml_job_arn", "AutoMLJobArn")

    @property
    def best_candidate_name(self) -> str:
        """The name of the best candidate."""
        return self._result("BestCandidateName", "best_candidate_name", "BestCandidate.CandidateName")

    @property
    def best_objective_metric(self) -> str:
        """The name of the metric that the candidates were compared by."""
        return self._result(
            "BestObjectiveMetricName",
            "best_objective_metric",
            "BestCandidate.FinalAutoMLJobObjectiveMetric.MetricName",
        )

    @property
    def best_objective_value(self) -> str:
        """What the best candidate reached in it, as text."""
        return self._result(
            "BestObjectiveValue", "best_objective_value", "BestCandidate.FinalAutoMLJobObjectiveMetric.Value"
        )

    @property
    def data_exploration_notebook(self) -> str:
        """The S3 URI of the notebook that shows the data; empty where there is none for the problem."""
        return self._result("DataExplorationNotebook", "data_exploration_notebook")

    @property
    def candidate_definition_notebook(self) -> str:
        """The S3 URI of the notebook that makes the candidates; empty where there is none for the problem."""
        return self._result("CandidateDefinitionNotebook", "candidate_definition_notebook")

    @property
    def explainability_report(self) -> str:
        """The S3 URI below which the best candidate is explained; empty where it is not."""
        return self._result("Explainability", "explainability_report")

    @property
    def model_insights_report(self) -> str:
        """The S3 URI below which the quality of the best candidate is told; empty where it is not."""
        return self._result("ModelInsights", "model_insights_report")

    @property
    def best_candidate(self) -> BestCandidate:
        """What a model of the best candidate is made of.

        Raises:
            InvalidProps: The job does not run when the stack is deployed.
        """
        return BestCandidate(
            job_name=self._result("AutoMLJobName", "best_candidate"),
            name_prefix=self.name_prefix,
            bucket=self._output_bucket,
            prefix=f"{self._output_prefix}/",
            key=self._definition.output_key,
            response_keys=self._definition.problem.response_keys,
            requires=self._dependables,
        )

    def step_arguments(self, run: str) -> dict[str, Any]:
        """The request of `CreateAutoMLJob`, the older operation, which a step calls.

        Raises:
            InvalidProps: The problem is no table, or the mode is not ENSEMBLING: a step takes nothing else.
        """
        del run
        problem = self._definition.problem
        if not isinstance(problem, TabularProblem) or problem.mode is not AutoMLMode.ENSEMBLING:
            told = (
                "problem: as a step of a pipeline, SageMaker takes a TabularProblem with mode=AutoMLMode.ENSEMBLING "
                f"alone, got a {type(problem).__name__}"
                + (f" with mode {problem.mode}." if isinstance(problem, TabularProblem) else ".")
            )
            raise InvalidProps(f"AutoMLJob '{self.node.path}'", [told])
        return create_auto_ml_job_v1_request(self.request)

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to read models, reports and notebooks."""
        return permissions.grant_read(
            grantee, self._output_bucket, f"{self._output_prefix}/*", self._definition.output_key
        )

    def _features(self, problem: AutoMLProblem) -> TrainingInput | None:
        """The file that tells the columns to learn from, uploaded; `None` where that is all of them."""
        features = problem.features
        if features is None:
            return None
        told: dict[str, object] = {"FeatureAttributeNames": list(features)}
        if isinstance(features, Mapping):
            told["FeatureDataTypes"] = dict(features)

        def write(_: Path, folder: Path) -> None:
            (folder / _FEATURES_FILE).write_text(json.dumps(told), encoding="utf-8")

        return Dataset(self, "Features", bucket=self._output_bucket, path=__file__, preparation=write).channel()

    def _allow(self, inputs: Sequence[TrainingInput]) -> None:
        definition = self._definition
        for each in inputs:
            permissions.allow_read(self.role, each.bucket, each.prefix, each.key)
        results = f"{self._output_prefix}/"
        permissions.allow_read(self.role, self._output_bucket, results, definition.output_key)
        permissions.allow_write(self.role, self._output_bucket, results)
        if definition.output_key is not None:
            permissions.allow_output_key(self.role, definition.output_key)
        if definition.volume_key is not None:
            permissions.allow_volume_key(self.role, definition.volume_key)
        if definition.network is not None:
            permissions.allow_network(self.role)
        permissions.allow_pull_published(self.role)
        permissions.allow_candidates(self.role)
        for log_group in LOG_GROUPS:
            permissions.allow_telemetry(self.role, log_group)
