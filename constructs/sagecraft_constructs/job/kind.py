"""What a kind of job that CloudFormation has no type for says of itself."""

from dataclasses import dataclass

from sagecraft_constructs.handlers.name import SUFFIX_LENGTH, resource_type


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A kind of job; each noun declares its own, and what all jobs share reads it.

    Attributes:
        name: As the operations of SageMaker's API are named: `TrainingJob` of `CreateTrainingJob`.
        log_group: Where SageMaker writes the log; also the namespace of the metrics.
        longest_name: How many characters SageMaker lets a name have.
        leaves_model: Whether a `Model` can be made of what it leaves.
        api_version: What the names of the operations that begin and describe it end with, such as `V2`.
        step: The type of a step of a pipeline that runs it. Left out, none does.
        arn_resource: What stands before the name in the ARN of a job. Left out, the name in lower case, with hyphens.
    """

    name: str
    log_group: str
    longest_name: int = 63
    leaves_model: bool = False
    api_version: str = ""
    step: str = ""
    arn_resource: str | None = None

    @property
    def resource_type(self) -> str:
        """The type of the custom resource."""
        return resource_type(self.name)

    @property
    def arn_type(self) -> str:
        """What stands before the name in the ARN of a job."""
        if self.arn_resource is not None:
            return self.arn_resource
        return "".join(f"-{each.lower()}" if each.isupper() else each for each in self.name).lstrip("-")

    @property
    def name_pattern(self) -> str:
        """What SageMaker lets a name consist of."""
        return f"[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,{self.longest_name - 1}}}"

    @property
    def name_prefix_length(self) -> int:
        """How long the name of a job can be, less the hash, the attempt and their hyphens."""
        return self.longest_name - SUFFIX_LENGTH
