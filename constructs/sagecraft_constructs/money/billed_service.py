"""Services, as AWS's bills call them."""

from dataclasses import dataclass
from typing import ClassVar

from sagecraft_catalog.billed_service import billed_service

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props


@check_props
@dataclass(frozen=True, kw_only=True)
class BilledService:
    """A service of AWS's, to watch its charges alone. Give those that there is no constant for to `BilledService.of`.

    Attributes:
        service_name: Its `ServiceName` in the metrics of charges, such as `AmazonSageMaker`.
        bill_name: Its name in Cost Explorer and budgets, such as `Amazon SageMaker`.
    """

    service_name: str
    bill_name: str

    SAGEMAKER: ClassVar["BilledService"]
    S3: ClassVar["BilledService"]
    EC2: ClassVar["BilledService"]
    ECR: ClassVar["BilledService"]
    CLOUDWATCH: ClassVar["BilledService"]
    LAMBDA: ClassVar["BilledService"]

    @classmethod
    @check_props
    def of(cls, name: str) -> "BilledService":
        """The service of a name, whichever of the two it is.

        A service that this library's catalog does not have is `BilledService(service_name=…, bill_name=…)`.

        Raises:
            InvalidProps: The catalog has none; the message names near matches.
        """
        problems = Problems("BilledService.of")
        with problems.noting("name"):
            service_name, bill_name = billed_service(name)
            return cls(service_name=service_name, bill_name=bill_name)
        raise problems.error()


BilledService.SAGEMAKER = BilledService.of("AmazonSageMaker")
BilledService.S3 = BilledService.of("AmazonS3")
BilledService.EC2 = BilledService.of("AmazonEC2")
BilledService.ECR = BilledService.of("AmazonECR")
BilledService.CLOUDWATCH = BilledService.of("AmazonCloudWatch")
BilledService.LAMBDA = BilledService.of("AWSLambda")
