"""botocore clients to the host that keeps everything which is not SageMaker: boto3's without what that adds to them."""

import json
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.settings import DEFAULT_REGION

from .role_session import RoleCredentials, RoleSessions

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.session import Session
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

MAX_CLIENTS: Final = 32
SECRET = "sagecraft"  # noqa: S105 - the host takes any; it tells accounts by the access key

_CHECKED_BY_TYPES: Final = frozenset({"logs", "cloudwatch"})
"""Services whose requests have thousands of members and nothing of a user's but their text."""
_CHECKED_BY_US: Final = frozenset({"sagemaker"})
_FUNCTIONS: Final = "lambda"
FUNCTION_SECONDS: Final = 930
"""As long as a function may run, and a moment."""

_EVENTS: Final = "sagecraft-log-events"

Send = Callable[["AWSPreparedRequest"], "AWSResponse | None"]
"""Answers a request that is signed and complete, or returns None: then it goes through a connection."""


def _take_events(**given: Any) -> None:
    """Keeps the events of a request, thousands of them, from botocore, which looks at each by the service's model."""
    given["context"][_EVENTS] = {"logEvents": given["params"]["logEvents"]}
    given["params"]["logEvents"] = []


def _write_events(**given: Any) -> None:
    """Writes them into the request as they are, which is how the model has them."""
    request, events = given["params"], given["context"][_EVENTS]
    request["body"] = json.dumps({**json.loads(request["body"]), **events}).encode()


def _send_here(send: Send, request: "AWSPreparedRequest", event_name: str, **_: Any) -> "AWSResponse | None":
    """Answers a request in this process, but for what may take longer than a request may here."""
    return None if event_name.startswith(f"before-send.{_FUNCTIONS}.") else send(request)


class _Factory:
    """Makes clients. Its session reads megabytes of models for its first one, and serves one thread at a time."""

    def __init__(self, send: Send | None) -> None:
        self._send = send
        self._session: Session | None = None
        self._lock = threading.Lock()

    def make(self, service: str, region: str, endpoint_url: str, credentials: dict[str, str]) -> Any:
        # Slow to import, and not needed by the emulator's start.
        from botocore.config import Config  # noqa: PLC0415
        from botocore.session import get_session  # noqa: PLC0415

        from sagecraft_emulator.api.model_files import model_loader  # noqa: PLC0415

        waits = service == _FUNCTIONS
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1 if waits else 4},
            max_pool_connections=32,
            read_timeout=FUNCTION_SECONDS if waits else 60,
            response_checksum_validation="when_required",  # nothing is lost on the way, and all would be read twice
            parameter_validation=service not in _CHECKED_BY_TYPES | _CHECKED_BY_US,
        )
        with self._lock:
            if self._session is None:
                self._session = own = get_session()
                own.register_component("data_loader", model_loader())
                if (send := self._send) is not None:
                    own.register("before-send", partial(_send_here, send))  # type: ignore[arg-type]  # it may answer
                own.register("before-parameter-build.cloudwatch-logs.PutLogEvents", _take_events)
                own.register("before-call.cloudwatch-logs.PutLogEvents", _write_events)
            client = self._session.create_client(
                service,
                region_name=region,
                endpoint_url=endpoint_url,
                config=config,
                **credentials,  # type: ignore[arg-type]  # the three that are texts
            )
            # They are made when they are first asked for, once a service: threads that do so at the same time may get
            # other classes than those that are raised.
            _ = client.exceptions
            return client


class Clients:
    """Makes each client once per account and region, and keeps those that were used last: one is a third of a MiB.

    Safe for use from several threads.

    Args:
        endpoint_url: Where the host answers.
        send: Answers requests in this process, where the host is in it. Left out, all go through connections.
        factory: Shared with other clients; left out, these have their own.
    """

    def __init__(self, endpoint_url: str, send: Send | None = None, factory: _Factory | None = None) -> None:
        self.endpoint_url = endpoint_url
        self._factory = factory or _Factory(send)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], object] = {}
        self.log_groups: set[tuple[str, str, str]] = set()
        """Account, region and name of groups of CloudWatch Logs that were there when they were last needed."""

    def s3(self, account: str, region: str) -> "S3Client":
        """The client of S3."""
        return self._client("s3", account, region)  # type: ignore[return-value]  # one cache for all services

    def logs(self, account: str, region: str) -> "CloudWatchLogsClient":
        """The client of CloudWatch Logs."""
        return self._client("logs", account, region)  # type: ignore[return-value]  # as above

    def cloudwatch(self, account: str, region: str) -> "CloudWatchClient":
        """The client of CloudWatch."""
        return self._client("cloudwatch", account, region)  # type: ignore[return-value]  # as above

    def ecr(self, account: str, region: str) -> "ECRClient":
        """The client of ECR."""
        return self._client("ecr", account, region)  # type: ignore[return-value]  # as above

    def ec2(self, account: str, region: str) -> Any:
        """The client of EC2."""
        return self._client("ec2", account, region)

    def efs(self, account: str, region: str) -> Any:
        """The client of EFS."""
        return self._client("efs", account, region)

    def iam(self, account: str) -> "IAMClient":
        """The client of IAM, which has no regions."""
        return self._client("iam", account, DEFAULT_REGION)  # type: ignore[return-value]  # as above

    def budgets(self, account: str) -> Any:
        """The client of Budgets, which has no regions."""
        return self._client("budgets", account, DEFAULT_REGION)

    def sagemaker(self, account: str, region: str) -> Any:
        """The client of SageMaker, as anybody has it."""
        return self._client("sagemaker", account, region)

    def functions(self, account: str, region: str) -> "LambdaClient":
        """The client of Lambda, which waits for as long as a function may run, and asks once."""
        return self._client("lambda", account, region)  # type: ignore[return-value]  # as above

    def sqs(self, account: str, region: str) -> "SQSClient":
        """The client of SQS."""
        return self._client("sqs", account, region)  # type: ignore[return-value]  # as above

    def cost_explorer(self, account: str) -> Any:
        """The client of Cost Explorer, which has no regions."""
        return self._client("ce", account, DEFAULT_REGION)

    def glue(self, account: str, region: str) -> Any:
        """The client of Glue."""
        return self._client("glue", account, region)

    def scheduler(self, account: str, region: str) -> Any:
        """The client of EventBridge Scheduler."""
        return self._client("scheduler", account, region)

    def secrets(self, account: str, region: str) -> Any:
        """The client of Secrets Manager."""
        return self._client("secretsmanager", account, region)

    def sns(self, account: str, region: str) -> "SNSClient":
        """The client of SNS."""
        return self._client("sns", account, region)  # type: ignore[return-value]  # as above

    def sts(self, account: str, region: str) -> "STSClient":
        """The client of STS."""
        return self._client("sts", account, region)  # type: ignore[return-value]  # as above

    def as_role(self, sessions: RoleSessions | None, role_arn: str | None, account: str, work: str) -> "Clients":
        """The clients with which a piece of work is done as its role.

        Args:
            sessions: Gives out the credentials. Left out, or where no permissions are enforced, these clients do.
            role_arn: The role; None for work that has none.
            account: Whose work it is.
            work: What tells it from other work.

        Raises:
            RoleError: The role cannot be assumed.
        """
        if sessions is None or not sessions.enforced or role_arn is None:
            return self
        return _RoleClients(self.endpoint_url, self._factory, sessions.credentials(role_arn, account, work))

    def _client(self, service: str, account: str, region: str) -> object:
        key = (service, account, region)
        with self._lock:
            client = self._clients.pop(key, None) or self._make(service, account, region)
            self._clients[key] = client
            if len(self._clients) > MAX_CLIENTS:
                del self._clients[next(iter(self._clients))]
            return client

    def _make(self, service: str, account: str, region: str) -> Any:
        return self._factory.make(service, region, self.endpoint_url, self._credentials(account))

    def _credentials(self, account: str) -> dict[str, str]:
        return {"aws_access_key_id": account, "aws_secret_access_key": SECRET}


class _RoleClients(Clients):
    """Clients of one role."""

    def __init__(self, endpoint_url: str, factory: _Factory, credentials: RoleCredentials) -> None:
        super().__init__(endpoint_url, factory=factory)
        self._role = credentials

    def _credentials(self, account: str) -> dict[str, str]:
        del account  # the role's own
        return {name.lower(): value for name, value in self._role.variables.items()}
