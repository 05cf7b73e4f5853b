"""What a training job offers, whether it is declared here or has been run already."""

from aws_cdk import ArnFormat, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.asked import stack_of

from .kind import TRAINING


class TrainingJobBase(Construct):
    """A training job, declared here or existing."""

    @property
    def training_job_name(self) -> str:
        """Its name."""
        raise NotImplementedError

    @property
    def training_job_arn(self) -> str:
        """Its ARN."""
        raise NotImplementedError

    def metric(self, name: str, *, statistic: str = "Average", period: Duration | None = None) -> cloudwatch.Metric:
        """What the job's log says of a metric, such as `validation:auc`, over time.

        Args:
            name: The metric's.
            statistic: Left out, the average.
            period: Left out, one minute.
        """
        return self._metric(name, {"TrainingJobName": self.training_job_name}, statistic, period)

    def metric_cpu_utilization(self, *, host: str = "algo-1", period: Duration | None = None) -> cloudwatch.Metric:
        """CPU in per cent of one core, so up to 100 times the number of cores."""
        return self._metric("CPUUtilization", {"Host": f"{self.training_job_name}/{host}"}, "Average", period)

    def metric_memory_utilization(self, *, host: str = "algo-1", period: Duration | None = None) -> cloudwatch.Metric:
        """Memory in per cent."""
        return self._metric("MemoryUtilization", {"Host": f"{self.training_job_name}/{host}"}, "Average", period)

    def metric_disk_utilization(self, *, host: str = "algo-1", period: Duration | None = None) -> cloudwatch.Metric:
        """Disk in per cent."""
        return self._metric("DiskUtilization", {"Host": f"{self.training_job_name}/{host}"}, "Average", period)

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to ask for the state of the job."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:DescribeTrainingJob"], resource_arns=[self.training_job_arn]
        )

    def _metric(
        self, name: str, dimensions: dict[str, str], statistic: str, period: Duration | None
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=TRAINING.log_group,
            metric_name=name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=Duration.minutes(1) if period is None else period,
        )


class ImportedTrainingJob(TrainingJobBase):
    """A job that has been run already, known by its name."""

    def __init__(self, scope: Construct, id: str, training_job_name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self._name = training_job_name

    @property
    def training_job_name(self) -> str:
        """Its name."""
        return self._name

    @property
    def training_job_arn(self) -> str:
        """Its ARN, in the account and region of the stack."""
        return stack_of(self).format_arn(
            service="sagemaker",
            resource="training-job",
            resource_name=self._name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
