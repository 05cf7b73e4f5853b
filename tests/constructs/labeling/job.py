"""A labeling job, which the house has no construct for: what a new kind of job consists of, in a folder of its own."""

from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import JobRealization, TrainingInput, permissions
from sagecraft_constructs.job.checks import check_number
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.needs import JobNeeds
from sagecraft_constructs.permissions.execution_role import execution_role

from .kind import LABELING


class LabelingJob(Job):
    """People look at objects and say what they are."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        objects: TrainingInput,
        output_bucket: s3.IBucket,
        workteam_arn: str,
        workers: int = 1,
        name_prefix: str | None = None,
        realization: JobRealization = JobRealization.DEPLOY,
    ) -> None:
        super().__init__(scope, id, kind=LABELING, name_prefix=name_prefix, realization=realization)
        problems = self._problems("LabelingJob")
        check_number(problems, "workers", workers, 1, 9)
        problems.raise_any()
        self.role = execution_role(self, None)
        permissions.allow_read(self.role, objects.bucket, objects.prefix)
        permissions.allow_write(self.role, output_bucket, "labels/")
        permissions.allow_telemetry(self.role, LABELING.log_group)
        self._realize(
            {
                "LabelAttributeName": "label",
                "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": objects.s3_uri}}},
                "OutputConfig": {"S3OutputPath": output_bucket.s3_url_for_object("labels")},
                "RoleArn": self.role.role_arn,
                "HumanTaskConfig": {
                    "WorkteamArn": workteam_arn,
                    "UiConfig": {"HumanTaskUiArn": "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/Pictures"},
                    "TaskTitle": "Pictures",
                    "TaskDescription": "What is it?",
                    "NumberOfHumanWorkersPerDataObject": workers,
                    "TaskTimeLimitInSeconds": 60,
                },
                "Tags": self._tags,
            },
            needs=JobNeeds(role=self.role, results=(output_bucket, "labels/")),
            requires=[self.role, *objects.requires],
        )

    @property
    def labels_uri(self) -> str:
        """Where the labels are."""
        return self._result("OutputDatasetS3Uri", "labels_uri")
