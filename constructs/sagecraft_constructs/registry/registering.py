"""Registers what a job has made."""

from collections.abc import Mapping, Sequence

from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.realization import JobRealization

from .approval import ModelApprovalStatus
from .base import ModelPackageGroupBase
from .metrics import ModelMetrics
from .package import ModelPackage


class Registering(Job):
    """A job whose artefact can become a version of a model."""

    @property
    def model_data(self) -> ModelData:
        """The artefact."""
        raise NotImplementedError

    def _trained_by(self) -> tuple[TrainingContainer | None, str]:
        """The container that has trained, where it is a single one, and the ARN of what made the artefact."""
        raise NotImplementedError

    def register(
        self,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        group: ModelPackageGroupBase,
        container: TrainingContainer | None = None,
        environment: Mapping[str, str] | None = None,
        approval_status: ModelApprovalStatus = ModelApprovalStatus.PENDING_MANUAL_APPROVAL,
        approval_description: str | None = None,
        description: str | None = None,
        content_types: Sequence[str] = ("text/csv",),
        response_types: Sequence[str] = ("text/csv",),
        realtime_instance_types: Sequence[InstanceType] = (),
        transform_instance_types: Sequence[InstanceType] = (),
        metrics: ModelMetrics | None = None,
        customer_metadata: Mapping[str, str] | None = None,
    ) -> ModelPackage:
        """Registers the artefact as the next version of a group, each time that the job runs anew.

        Args:
            id: The name of the `ModelPackage` below the job.
            group: Whose version it is.
            container: What serves. Left out, what has trained, where all of a tuning job's definitions have one
                container.
            environment: As of a `ModelPackage`, which the others are, too.
            approval_status: Left out, somebody has to approve it before it can be deployed.
            approval_description: Left out, nothing is said.
            description: Left out, nothing is said.
            content_types: Left out, CSV.
            response_types: Left out, CSV.
            realtime_instance_types: Left out, anything.
            transform_instance_types: Left out, anything.
            metrics: Left out, there are none.
            customer_metadata: Left out, there are none.

        Raises:
            InvalidProps: The job does not run when the stack is deployed, or the package cannot be as it is declared.
        """
        if self.realization is not JobRealization.DEPLOY:
            problem = (
                f"the job is run '{self.realization}', and the deployment registers what it has run itself. Declare "
                "it with realization=JobRealization.DEPLOY, or register it by a RegisterModelStep of its pipeline."
            )
            raise InvalidProps(f"{self.kind.name} '{self.node.path}'", [f"register: {problem}"])
        trained, job_arn = self._trained_by()
        container = trained if container is None else container
        if container is None:
            problem = "container: is needed, because the definitions of the tuning job have several."
            raise InvalidProps(f"ModelPackage '{self.node.path}/{id}'", [problem])
        return ModelPackage(
            self,
            id,
            group=group,
            container=container,
            model_data=self.model_data,
            environment=environment,
            approval_status=approval_status,
            approval_description=approval_description,
            description=description,
            content_types=content_types,
            response_types=response_types,
            realtime_instance_types=realtime_instance_types,
            transform_instance_types=transform_instance_types,
            metrics=metrics,
            customer_metadata=customer_metadata,
            generated_by=job_arn,
        )
