"""boto3 clients to the host that keeps everything which is not SageMaker."""

import threading
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sts import STSClient

SECRET = "sagecraft"  # noqa: S105 - the host takes any; it tells accounts by the access key
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=32, read_timeout=60)


class Clients:
    """Makes each client once per account and region. Safe for use from several threads.

    Args:
        endpoint_url: Where the host answers.
    """

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], object] = {}

    def s3(self, account: str, region: str) -> "S3Client":
        """The client of S3."""
        return self._client("s3", account, region)  # type: ignore[return-value]  # one cache for all services

    def logs(self, account: str, region: str) -> "CloudWatchLogsClient":
        """The client of CloudWatch Logs."""
        return self._client("logs", account, region)  # type: ignore[return-value]  # as above

    def cloudwatch(self, account: str, region: str) -> "CloudWatchClient":
        """The client of CloudWatch."""
        return self._client("cloudwatch", account, region)  # type: ignore[return-value]  # as above

    def sns(self, account: str, region: str) -> "SNSClient":
        """The client of SNS."""
        return self._client("sns", account, region)  # type: ignore[return-value]  # as above

    def sts(self, account: str, region: str) -> "STSClient":
        """The client of STS."""
        return self._client("sts", account, region)  # type: ignore[return-value]  # as above

    def _client(self, service: str, account: str, region: str) -> object:
        key = (service, account, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make(service, account, region)
            return self._clients[key]

    def _make(self, service: str, account: str, region: str) -> Any:
        return boto3.session.Session().client(
            service,  # type: ignore[call-overload]  # a name that is known at run time only
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=account,
            aws_secret_access_key=SECRET,
            config=_CONFIG,
        )
