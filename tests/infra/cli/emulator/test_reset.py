"""`sagecraft reset`."""

from __future__ import annotations

import pytest
from sagecraft_emulator.front import server

from tests.infra.conftest import RUNNING, MakeProject

pytestmark = pytest.mark.skipif(RUNNING is not None, reason="about an emulator of its own")


def test_the_emulator_is_emptied_where_one_answers(make_project: MakeProject) -> None:
    project = make_project("topic")
    refused = project.run("reset")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"Error: No emulator answers on {project.settings.endpoint_url}.")

    server.start(project.settings)
    project.client("s3").create_bucket(Bucket="mine")
    done = project.run("reset")

    assert (done.returncode, done.stderr) == (0, "The emulator is empty.\n")
    assert project.client("s3").list_buckets()["Buckets"] == []
