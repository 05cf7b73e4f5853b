"""Sessions of roles: each piece of work has its own, and they end with it."""

from __future__ import annotations

import io
import tarfile
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.container import work_of
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.hosting.fleet import EndpointFleet
from sagecraft_emulator.hosts.ministack.sessions import HostSessions
from sagecraft_emulator.state.store import RecordKey
from sagecraft_emulator.surroundings.objects import Objects

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator
from tests.emulator.tiny_job import TinyJobs
from tests.emulator.world import World, wait_until

ROLE = "arn:aws:iam::000000000000:role/path/work"


TRAIN = """
    import os, pathlib

    pathlib.Path("/opt/ml/model/credentials").write_text(" ".join(os.environ[f"AWS_{each}"] for each in
        ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")))
    import boto3
    pathlib.Path("/opt/ml/model/caller").write_text(boto3.client("sts").get_caller_identity()["Arn"])
"""


def sts() -> Any:
    """What ministack's module of STS has."""
    return SimpleNamespace(_sessions={}, _session_expired=lambda session: session.get("Expiration", time.time()) < 0)


def test_a_piece_of_work_has_the_same_credentials_at_each_call_and_other_work_has_others() -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    one = sessions.credentials(ROLE, "000000000000", "TrainingJob/one")
    other = sessions.credentials(ROLE, "000000000000", "TrainingJob/other")
    assert one == sessions.credentials(ROLE, "000000000000", "TrainingJob/one")
    assert {one.access_key_id, one.secret_access_key, one.session_token}.isdisjoint(
        {other.access_key_id, other.secret_access_key, other.session_token}
    )
    assert host._sessions[one.access_key_id]["Arn"] == "arn:aws:sts::000000000000:assumed-role/work/SageMaker"
    assert sessions.work_of(one.access_key_id) == "TrainingJob/one"


def test_the_sessions_of_work_that_has_ended_are_gone_and_others_stay() -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    for number in range(100):
        sessions.credentials(ROLE, "000000000000", f"TrainingJob/{number}")
    kept = sessions.credentials(ROLE, "000000000000", "Endpoint/kept")
    for number in range(100):
        sessions.end(f"TrainingJob/{number}")
    assert list(host._sessions) == [kept.access_key_id]
    sessions.end("TrainingJob/none")


def test_sessions_that_have_expired_are_dropped_while_others_begin() -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    sessions.begin(ROLE, "first", "Function/first")
    host._sessions |= {f"ASIA{number}": {"Expiration": -1} for number in range(1_000)}
    begun = threading.Thread(target=lambda: [sessions.begin(ROLE, "name", f"work/{n}") for n in range(1_000)])
    begun.start()
    while begun.is_alive():
        host._evict_expired_sessions()
    host._evict_expired_sessions()
    assert len(host._sessions) == 1_001


def test_the_credentials_of_a_job_are_those_of_its_role_and_end_with_it(
    emulator: RunningEmulator, tmp_path: Path
) -> None:
    jobs, name = TinyJobs(emulator, tmp_path, TRAIN), f"job-{uuid.uuid4().hex[:8]}"
    emulator.client("sagemaker").create_training_job(**jobs.request(name))
    emulator.client("sagemaker").get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=name, WaiterConfig={"Delay": 1}
    )
    archive = emulator.client("s3").get_object(Bucket=jobs.bucket, Key=f"output/{name}/output/model.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(archive["Body"].read())) as tar:
        credentials, caller = (tar.extractfile(each).read().decode() for each in ("credentials", "caller"))  # type: ignore[union-attr]
    assert caller.endswith(":assumed-role/work/SageMaker")
    key, secret, token = credentials.split()
    session = boto3.Session(key, secret, token, REGION)
    asked = session.client("sts", endpoint_url=emulator.url)
    wait_until(lambda: asked.get_caller_identity()["Arn"] != caller)


def test_the_sessions_of_an_endpoint_end_when_it_is_deleted(world: World) -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    fleet = EndpointFleet(world.store, replace(world.machine, sessions=sessions), world.images)
    key = RecordKey("Endpoint", ACCOUNT, REGION, "deleted")
    for work in (key, key._replace(name="kept")):
        sessions.credentials(f"arn:aws:iam::{ACCOUNT}:role/{work.name}", ACCOUNT, work_of(work))
    world.store.create(key, arn="arn", status="Creating", body={})
    world.store.update(key, status="Deleting")
    fleet.delete(key)
    wait_until(lambda: not world.store.find("Endpoint"))
    assert [each["Arn"] for each in host._sessions.values()] == [f"arn:aws:sts::{ACCOUNT}:assumed-role/kept/SageMaker"]


class OfARole:
    """Clients that take a session for each piece of work, with an S3 that has nothing or breaks."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def as_role(self, sessions: HostSessions, role_arn: str, account: str, work: str) -> Any:
        sessions.credentials(role_arn, account, work)
        return SimpleNamespace(s3=lambda *_: SimpleNamespace(list_objects_v2=self._answer))


def broken(**_: Any) -> Any:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")


@pytest.mark.parametrize("answer", [lambda **_: {"KeyCount": 0}, broken], ids=["nothing there", "denied"])
def test_the_session_in_which_a_request_is_checked_ends_with_it(answer: Any) -> None:
    host = sts()
    objects = Objects(OfARole(answer), HostSessions(lambda: host), SimpleNamespace(bucket_region=lambda *_: REGION))  # type: ignore[arg-type]  # what it uses of them
    with pytest.raises(ApiError):
        objects.require_input(Caller(ACCOUNT, REGION), ROLE, "s3://bucket/prefix")
    assert host._sessions == {}
