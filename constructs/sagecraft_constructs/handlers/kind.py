"""What sets the kinds of jobs apart; everything else is the same for all of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import StructureShape

from . import clients
from .name import resource_type
from .request import typed_request

Job = Mapping[str, Any]
"""What SageMaker's Describe operation says of a job."""


class JobKind(ABC):
    """One kind of job: its operations, its states and its results.

    Attributes:
        name: As the operations and members of the API hold it: `TrainingJob` of `CreateTrainingJob`.
        spoken: As messages have it.
        advice: What to do about a job that takes longer than a deployment can wait.
        api_version: What the names of the operations that begin and describe it end with, such as `V2`.
    """

    name: ClassVar[str]
    spoken: ClassVar[str]
    advice: ClassVar[str]
    api_version: ClassVar[str] = ""

    @property
    def resource_type(self) -> str:
        """The type of the custom resource."""
        return resource_type(self.name)

    @abstractmethod
    def attributes(self, job: Job) -> dict[str, str]:
        """The results of a completed job.

        Raises:
            JobError: It completed without the results that it is for.
        """

    @abstractmethod
    def has_results(self, job: Job) -> bool:
        """Whether the results of a completed job still exist."""

    @abstractmethod
    def why_stopped(self, job: Job) -> str:
        """The end of the sentence that begins with the name of the stopped job."""

    def named(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request of the job of a name."""
        return {f"{self.name}Name": name, **request}

    def create(self, name: str, request: Mapping[str, Any]) -> None:
        """Begins the job.

        Args:
            name: The job's.
            request: Without the name, as CloudFormation hands it over: every number is a string.
        """
        model = clients.sagemaker().meta.service_model.operation_model(f"Create{self.name}{self.api_version}")
        self._call(
            f"Create{self.name}{self.api_version}",
            **typed_request(self.named(name, request), cast("StructureShape", model.input_shape)),
        )

    def describe(self, name: str) -> Job | None:
        """What SageMaker knows of a job; `None` where there is none of the name."""
        try:
            return self._call(f"Describe{self.name}{self.api_version}", **{f"{self.name}Name": name})
        except ClientError as error:
            if clients.is_unknown(error):
                return None
            raise

    def stop(self, name: str) -> None:
        """Asks a running job to stop; one that has ended or is unknown is left alone."""
        job = self.describe(name)
        if job is None or self.status(job) != "InProgress":
            return
        try:
            self._call(f"Stop{self.name}", **{f"{self.name}Name": name})
        except ClientError as error:
            # It ended between the two calls; whether it did is what is_complete asks next.
            if clients.error_code(error) != "ValidationException":
                raise

    def status(self, job: Job) -> str:
        """Such as `InProgress`."""
        return str(job[f"{self.name}Status"])

    def arn(self, job: Job) -> str:
        """The job's ARN."""
        return str(job[f"{self.name}Arn"])

    def is_usable(self, job: Job) -> bool:
        """Whether a job of the same definition makes a new one needless."""
        match self.status(job):
            case "InProgress":
                return True
            case "Completed":
                return self.has_results(job)
            case _:
                return False

    def _call(self, operation: str, **members: Any) -> Job:
        method: Callable[..., Job] = getattr(clients.sagemaker(), xform_name(operation))
        return method(**members)
