"""Who calls: the account and region that a request is signed for."""

from typing import NamedTuple

from sagecraft_catalog import partition


class Caller(NamedTuple):
    """The account (12 digits) and region that a request is signed for."""

    account: str
    region: str

    def arn(self, resource_type: str, name: str) -> str:
        """The ARN of a SageMaker resource of the caller, such as `…:training-job/name`."""
        return f"arn:{partition(self.region)}:sagemaker:{self.region}:{self.account}:{resource_type}/{name}"
