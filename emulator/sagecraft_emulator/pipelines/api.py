"""What the steps of an execution call: SageMaker and the host, each as the role of the pipeline."""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.role_session import RoleError
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.data.storage import StorageError, locate
from sagecraft_emulator.errors import ApiError, JobFailed
from sagecraft_emulator.noun.means import Call
from sagecraft_emulator.state.store import RecordKey

CREDENTIALS_SECONDS: Final = 1800.0
LARGEST_FILE_BYTES: Final = 2_000_000
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-propertyfile.html"""


class PipelineApi:
    """SageMaker and the host for one execution.

    Where no permissions are enforced, SageMaker is called in this process. Where they are, it is as the role that it is
    asked, by requests as anybody's, so that what the role lacks is refused and what it used is counted.

    Args:
        call: Does operations of the service.
        machine: Knows the host, and who gives out credentials.
        key: The execution.
        role_arn: The role of its pipeline.
    """

    def __init__(self, call: Call, machine: Machine, key: RecordKey, role_arn: str) -> None:
        self._call, self._machine, self._key, self._role_arn = call, machine, key, role_arn
        self.caller = Caller(key.account, key.region)
        self._as_role: tuple[float, Clients] | None = None

    @property
    def clients(self) -> Clients:
        """To the host, as the role.

        Raises:
            JobFailed: The role cannot be assumed.
        """
        if self._as_role is None or time.monotonic() - self._as_role[0] > CREDENTIALS_SECONDS:
            try:
                self._as_role = time.monotonic(), self._machine.as_role(self._key, self._role_arn).clients
            except RoleError as error:
                raise JobFailed(f"ClientError: {error}") from error
        return self._as_role[1]

    def call(self, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Does one operation of SageMaker's.

        Raises:
            ApiError: It is refused; the message names it.
            JobFailed: The role cannot be assumed.
        """
        try:
            return self._answer(operation, request)
        except ApiError as error:
            message = f"Failed to invoke sagemaker:{operation}. Error Details: {error.message}"
            raise ApiError(error.code, message, error.http_status) from error

    def _answer(self, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        sessions = self._machine.sessions
        if sessions is None or not sessions.enforced:
            return self._call(operation, request, self.caller, {})
        client = self.clients.sagemaker(*self.caller)
        try:
            answer = client._make_api_call(operation, dict(request))  # noqa: SLF001 - by its name, as it comes
        except ClientError as error:
            told = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise ApiError(told["Code"], told["Message"], status) from error
        return dict(json.loads(json.dumps(answer, default=_seconds)))

    def read(self, uri: str) -> Any:
        """The JSON of an object in S3.

        Raises:
            JobFailed: It is not there, is too large or holds something else.
        """
        try:
            place = locate(uri)
            answer = self.clients.s3(*self.caller).get_object(Bucket=place.bucket, Key=place.key)
            if answer["ContentLength"] > LARGEST_FILE_BYTES:
                raise JobFailed(
                    f"ClientError: the property file {uri} has {answer['ContentLength']:,} bytes, and may have "
                    f"{LARGEST_FILE_BYTES:,} at most."
                )
            return json.loads(answer["Body"].read())
        except (ClientError, StorageError) as error:
            raise JobFailed(f"ClientError: the property file {uri} cannot be read: {error}") from error
        except ValueError as error:
            raise JobFailed(f"ClientError: the property file {uri} is not JSON: {error}") from error

    def end(self) -> None:
        """Ends the sessions of the role."""
        self._machine.end_sessions(self._key)


def _seconds(value: object) -> float:
    """Times, as the records have them."""
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} is no time")
