"""A hyperparameter tuning job."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.handlers.name import hyperparameter_attribute
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.checks import LONGEST_DEPLOYED_SECONDS, check_time
from sagecraft_constructs.job.needs import JobNeeds
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.registry.registering import Registering
from sagecraft_constructs.training.checks import check_known, check_regions, check_training
from sagecraft_constructs.training.hyperparameter import HyperparameterValue
from sagecraft_constructs.training.kind import TRAINING
from sagecraft_constructs.training.props import Training, TrainingOutput

from .checks import check_definitions, check_parent, check_ranges, check_search
from .definition import TuningDefinition
from .kind import TUNING
from .objective import Objective
from .range import HyperparameterRange
from .request import TunedTraining, TuningJobDefinition, create_hyper_parameter_tuning_job_request
from .strategy import LONGEST_TUNING_SECONDS, SHORTEST_TUNING_SECONDS, Hyperband, TuningStrategy, WarmStartType


class TuningJob(Registering):
    """A SageMaker hyperparameter tuning job, run by CloudFormation as it creates the stack, or as `realization` says.

    It begins training jobs that differ in their hyperparameters, and finds the best of them. What stands at
    `TrainingJob` about names, changes, failures and tags holds here too. What the training jobs do is said either by
    the props from `container` to `retry_attempts`, or by several `definitions`.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html

    Attributes:
        role: The execution role.
        name_prefix: What the name of the job, and so of its training jobs, begins with.
        request: What SageMaker is asked for, without the name: the `Arguments` of a step of a pipeline.
        definitions: What the training jobs do.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        output_bucket: s3.IBucket,
        container: TrainingContainer | None = None,
        inputs: Mapping[str, TrainingInput] | None = None,
        objective: Objective | None = None,
        ranges: Mapping[str, HyperparameterRange] | None = None,
        hyperparameters: Mapping[str, HyperparameterValue] | None = None,
        instance_type: InstanceType | None = None,
        instance_count: int = 1,
        volume_gib: int = 30,
        max_training_runtime: Duration | None = None,
        max_wait: Duration | None = None,
        metric_definitions: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        source: str | Path | None = None,
        entry_point: str = "train.py",
        retry_attempts: int | None = None,
        definitions: Sequence[TuningDefinition] | None = None,
        strategy: TuningStrategy = TuningStrategy.BAYESIAN,
        hyperband: Hyperband | None = None,
        max_jobs: int | None = None,
        max_parallel_jobs: int = 1,
        max_runtime: Duration | None = None,
        early_stopping: bool = False,
        target_objective_value: float | None = None,
        max_jobs_not_improving: int | None = None,
        complete_on_convergence: bool = False,
        random_seed: int | None = None,
        warm_start_from: "Sequence[TuningJob | str]" = (),
        warm_start_type: WarmStartType = WarmStartType.IDENTICAL_DATA_AND_ALGORITHM,
        output_prefix: str = "models",
        output_key: kms.IKey | None = None,
        volume_key: kms.IKey | None = None,
        checkpoints_prefix: str | None = None,
        network_isolation: bool | None = None,
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
            output_bucket: Where the artefacts go.
            container: What trains.
            inputs: The channels by name, such as `train` and `validation`.
            objective: What the training jobs are compared by, such as `Objective.maximize("validation:auc")`.
            ranges: What is tried out, by hyperparameter.
            hyperparameters: Those that stay the same. Left out, there are none.
            instance_type: Of each training job. Left out, `ml.m5.large`.
            instance_count: Of each training job. Left out, one.
            volume_gib: The size of each instance's volume in GiB. Left out, 30.
            max_training_runtime: After which SageMaker stops a training job. Left out, half an hour.
            max_wait: Trains on spot capacity, and waits for it so long at most, the run included. Left out, training
                jobs run on demand.
            metric_definitions: Regular expressions by the name of the metric; the first group is the value. Left out,
                those that AWS has for the algorithm.
            environment: Environment variables of the container. Left out, none are set.
            source: A directory with the script that trains, as for `TrainingJob`.
            entry_point: The script in `source`. Left out, `train.py`.
            retry_attempts: How often SageMaker tries a training job again after a fault of its own, 1 to 30. Left out,
                it does not.
            definitions: Instead of the props from `container` on: several definitions, each with a name, whose
                training jobs are compared with one another. Left out, those props make the only one.
            strategy: How the next hyperparameters are chosen. Left out, by what the earlier ones reached.
            hyperband: The resources of `TuningStrategy.HYPERBAND`. Left out, see there.
            max_jobs: How many training jobs are begun; needed, unless the strategy is a grid or there is a
                `max_runtime`.
            max_parallel_jobs: How many at once. Left out, one.
            max_runtime: After which SageMaker stops the tuning job. Left out, 45 minutes where the deployment runs it,
                which is the most there, else no limit but that of SageMaker, 182.5 days.
            early_stopping: Stops training jobs that do worse than the others did. Left out, none are.
            target_objective_value: Reaching it ends the job. Left out, there is none.
            max_jobs_not_improving: So many training jobs, at least 3, that are not better than the best so far end the
                job. Left out, they do not.
            complete_on_convergence: Ends the job when no better result is to be expected. Left out, it does not.
            random_seed: Makes the choice of hyperparameters repeatable. Left out, it differs from job to job.
            warm_start_from: Up to five tuning jobs, declared or by name, whose results it learns from. Left out, it
                begins with none.
            warm_start_type: What it has in common with them. Left out, data and algorithm.
            output_prefix: What the keys of the artefacts begin with. Left out, `models`.
            output_key: Encrypts the artefacts. Left out, the bucket's default encryption does.
            volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
            checkpoints_prefix: Where in the output bucket `/opt/ml/checkpoints` is kept, of each training job below its
                own name. Left out, it is not.
            network_isolation: Cuts the containers off from the network. Left out, they are, unless they fetch the
                user's script by themselves.
            vpc: Where the jobs' network interfaces stand. Left out, they run outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the jobs in the VPC. Left out, one is made that allows nothing in.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the jobs need.
            name_prefix: Lower case, at most 18 characters. Left out, made from where the construct stands.
            realization: How the job comes to run. Left out, the deployment runs it.

        Raises:
            InvalidProps: With every problem: an objective metric that the algorithm does not report, a hyperparameter
                that cannot be tuned (near matches are named), a range that is none, and so on.
        """
        super().__init__(scope, id, kind=TUNING, name_prefix=name_prefix, realization=realization)
        problems = self._problems("TuningJob")
        problems.require_known(warm_start_from=warm_start_from)
        if definitions is None:
            if container is None or inputs is None or objective is None or ranges is None:
                problems.add("container", "is needed, and 'inputs', 'objective' and 'ranges'; or else 'definitions'.")
                raise problems.error()
            definitions = [
                TuningDefinition(
                    container=container,
                    inputs=inputs,
                    objective=objective,
                    ranges=ranges,
                    hyperparameters={} if hyperparameters is None else hyperparameters,
                    instance_type=InstanceType.M5_LARGE if instance_type is None else instance_type,
                    instance_count=instance_count,
                    volume_gib=volume_gib,
                    max_training_runtime=max_training_runtime,
                    max_wait=max_wait,
                    metric_definitions={} if metric_definitions is None else metric_definitions,
                    environment={} if environment is None else environment,
                    source=source,
                    entry_point=entry_point,
                    retry_attempts=retry_attempts,
                )
            ]
        elif container is not None or inputs is not None or objective is not None or ranges is not None:
            problems.add("definitions", "say what trains; leave out 'container', 'inputs', 'objective' and 'ranges'.")
        self.definitions = tuple(definitions)
        output = TrainingOutput(output_bucket, output_prefix, output_key, checkpoints_prefix)
        self._output = output.realized(realization, self.name_prefix)
        search = TuningJobDefinition(
            strategy=strategy,
            hyperband=hyperband,
            max_jobs=max_jobs,
            max_parallel_jobs=max_parallel_jobs,
            max_runtime=max_runtime,
            early_stopping=early_stopping,
            target_objective_value=target_objective_value,
            max_jobs_not_improving=max_jobs_not_improving,
            complete_on_convergence=complete_on_convergence,
            random_seed=random_seed,
            warm_start_from=[each.tuning_job_name if isinstance(each, TuningJob) else each for each in warm_start_from],
            warm_start_type=warm_start_type,
            trainings=(),
            tags=self._tags,
        )
        trainings = [
            each.training(volume_key=volume_key, network_isolation=network_isolation, output=self._output)
            for each in self.definitions
        ]
        for definition, training in zip(self.definitions, trainings, strict=True):
            problems.require_known(ranges=definition.ranges, name=definition.name)
            check_known(problems, training)
        self._check(problems, search, trainings, realization)
        for training in trainings:
            check_regions(problems, self, training)
        for parent in warm_start_from:
            if isinstance(parent, TuningJob):
                check_parent(problems, self.definitions, parent.node.path, parent.definitions)
        problems.raise_any()
        self.role = execution_role(self, role)
        self._artefacts = self._output.artefacts(self.name_prefix)
        network = Network.of(self, vpc, subnets, security_groups)
        tuned = [
            TunedTraining(
                name=definition.name,
                training=training.bind(
                    self if definition.name is None else Construct(self, definition.name),
                    role=self.role,
                    network=network,
                    artefacts=self._artefacts,
                    tags=None,
                ),
                objective=definition.objective,
                ranges=definition.ranges,
                json_values=definition.source is not None,
            )
            for definition, training in zip(self.definitions, trainings, strict=True)
        ]
        if max_runtime is None and realization is JobRealization.DEPLOY:
            max_runtime = Duration.seconds(LONGEST_DEPLOYED_SECONDS)
        self._realize(
            create_hyper_parameter_tuning_job_request(replace(search, trainings=tuned, max_runtime=max_runtime)),
            needs=JobNeeds(
                role=self.role,
                results=(output_bucket, self._artefacts),
                # The training jobs are named after the tuning job.
                begun=TRAINING,
                volume_key=volume_key,
            ),
            requires=[self.role, *self._requirements()],
        )

    @property
    def tuning_job_name(self) -> str:
        """The name of the job that the deployment runs."""
        return self._result("HyperParameterTuningJobName", "tuning_job_name", "HyperParameterTuningJobName")

    @property
    def tuning_job_arn(self) -> str:
        """The ARN of the job that the deployment runs."""
        return self._result("HyperParameterTuningJobArn", "tuning_job_arn", "HyperParameterTuningJobArn")

    @property
    def best_training_job_name(self) -> str:
        """The name of the training job that reached the best value of the objective."""
        return self._result("BestTrainingJobName", "best_training_job_name", "BestTrainingJob.TrainingJobName")

    @property
    def best_objective_value(self) -> str:
        """The best value of the objective, as text."""
        return self._result(
            "BestObjectiveValue",
            "best_objective_value",
            "BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value",
        )

    @property
    def s3_model_artifacts(self) -> str:
        """The S3 URI of the best training job's `model.tar.gz`."""
        return self.model_data.uri

    @property
    def model_data(self) -> ModelData:
        """The artefact of the best training job, for a `Model`.

        Raises:
            InvalidProps: The job does not run when the stack is deployed.
        """
        return ModelData(
            bucket=self._output.bucket,
            uri=self._artefact(),
            prefix=self._artefacts,
            key=self._output.key,
            requires=self._dependables,
        )

    def _artefact(self) -> str:
        if self.realization is not JobRealization.PIPELINE_STEP:
            return self._result("S3ModelArtifacts", "model_data")
        # Where a training job leaves it; what a tuning step tells of its best one does not say so.
        return f"{self._output.uri}/{self.best_training_job_name}/output/model.tar.gz"

    @property
    def container(self) -> TrainingContainer | None:
        """What trains, where all of the definitions have one container."""
        first = self.definitions[0].container
        return first if all(each.container is first for each in self.definitions) else None

    def _trained_by(self) -> tuple[TrainingContainer | None, str]:
        return self.container, self.tuning_job_arn

    def best_hyperparameter(self, name: str) -> str:
        """The value of a tuned hyperparameter in the best training job, as text.

        Raises:
            InvalidProps: The hyperparameter is not tuned by every definition.
        """
        for definition in self.definitions:
            if name not in definition.ranges:
                raise InvalidProps(
                    f"TuningJob '{self.node.path}'",
                    [f"best_hyperparameter: '{name}' is not tuned. There are {', '.join(definition.ranges)}."],
                )
        return self._result(
            hyperparameter_attribute(name), "best_hyperparameter", f"BestTrainingJob.TunedHyperParameters['{name}']"
        )

    def _check(
        self,
        problems: Problems,
        search: TuningJobDefinition,
        trainings: Sequence[Training],
        realization: JobRealization,
    ) -> None:
        check_time(
            problems,
            TUNING,
            realization,
            "max_runtime",
            search.max_runtime,
            minimum_seconds=SHORTEST_TUNING_SECONDS,
            maximum_seconds=LONGEST_TUNING_SECONDS,
        )
        check_search(problems, search, self.definitions)
        check_definitions(problems, self.definitions)
        for definition, training in zip(self.definitions, trainings, strict=True):
            inside = problems if definition.name is None else problems.inside(f"definitions: {definition.name}")
            check_training(inside, training, kind=TUNING, realization=realization, runtime_prop="max_training_runtime")
            check_ranges(inside, definition, training, search.strategy)

    def _requirements(self) -> Iterator[IDependable]:
        for definition in self.definitions:
            for each in definition.inputs.values():
                yield from each.requires
