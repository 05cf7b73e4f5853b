"""The objects in S3 that a request names: whether they are there, for the role, and in the region.

AWS looks at the input of training and transform jobs and at the data of models with the role of the request, before it
accepts it. It finds a bucket of another region wrong when it reads or writes there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError
from sagecraft_catalog import InvalidS3Uri, S3Location

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.role_session import RoleSessions
from sagecraft_emulator.data.model_data import ModelData, could_not_access
from sagecraft_emulator.data.storage import no_objects
from sagecraft_emulator.errors import validation_error

from .host import Host

_MISSING: Final = frozenset({"404", "NoSuchBucket", "NoSuchKey"})


class Objects:
    """Looks at buckets and objects.

    Args:
        clients: To the host.
        sessions: Gives out credentials of roles. Left out, the host enforces no permissions.
        host: Knows the regions of buckets.
    """

    def __init__(self, clients: Clients, sessions: RoleSessions | None, host: Host) -> None:
        self._clients, self._sessions, self._host = clients, sessions, host

    def require_input(self, caller: Caller, role_arn: str | None, uri: str) -> None:
        """Refuses input that is not there; a manifest is one object.

        Raises:
            ApiError: With AWS's words.
        """
        place = _locate(uri)
        elsewhere = self._other_region(caller, place.bucket)
        said = None
        if elsewhere is not None:
            said = f"The bucket is in this region: {elsewhere}. Please use this region to retry the request"
        else:
            try:
                with self._s3(caller, role_arn) as s3:
                    if s3.list_objects_v2(Bucket=place.bucket, Prefix=place.key, MaxKeys=1)["KeyCount"]:
                        return
            except ClientError as error:
                said = error.response["Error"].get("Message")
        raise validation_error(no_objects(uri, caller.region, role_arn, said))

    def require_region(self, caller: Caller, uri: str) -> None:
        """Refuses a place in a bucket of another region, where a job would fail to read or write.

        Raises:
            ApiError: With AWS's words.
        """
        elsewhere = self._other_region(caller, _locate(uri).bucket)
        if elsewhere is not None:
            raise validation_error(
                f"Unable to access {uri} (BucketRegionError: bucket must be in the same region as the job). The bucket "
                f"is in this region: {elsewhere}, and the job is in {caller.region}."
            )

    def require_model_data(self, caller: Caller, role_arn: str | None, data: ModelData) -> None:
        """Refuses a model whose data is not there, or not for its role.

        Raises:
            ApiError: With AWS's words.
        """
        place = _locate(data.uri)
        if self._other_region(caller, place.bucket) is not None:
            raise validation_error(could_not_access(data.uri, role_arn, caller.region))
        try:
            with self._s3(caller, role_arn) as s3:
                if data.is_prefix:
                    is_there = s3.list_objects_v2(Bucket=place.bucket, Prefix=place.key, MaxKeys=1)["KeyCount"] > 0
                else:
                    is_there = bool(s3.head_object(Bucket=place.bucket, Key=place.key))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise validation_error(could_not_access(data.uri, role_arn, caller.region)) from error
            is_there = False
        if not is_there:
            raise validation_error(f"Could not find model data at {data.uri}.")

    @contextmanager
    def _s3(self, caller: Caller, role_arn: str | None) -> Iterator[Any]:
        """A client of the role of a request, whose session ends with the request."""
        work = f"Request/{uuid4()}"
        try:
            yield self._clients.as_role(self._sessions, role_arn, caller.account, work).s3(*caller)
        finally:
            if self._sessions is not None:
                self._sessions.end(work)

    def _other_region(self, caller: Caller, bucket: str) -> str | None:
        found = self._host.bucket_region(bucket, *caller)
        return None if found == caller.region else found


def _locate(uri: str) -> S3Location:
    try:
        return S3Location.parse(uri)
    except InvalidS3Uri as error:
        raise validation_error(str(error)) from error
