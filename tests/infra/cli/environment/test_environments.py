"""An app with settings files and nested stacks, deployed for one of its environments."""

import json

import pytest

from tests.infra.conftest import MakeProject, Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    return make_project("environments")


def test_an_environment_that_does_not_exist_is_told_before_anything_is_deployed(project: Project) -> None:
    done = project.run("up", "--environment", "prdo")
    assert done.returncode != 0
    assert "There is no environment 'prdo'. Did you mean 'prod'? settings has dev, prod" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_environment_goes_up_and_down_with_its_nested_stacks(project: Project) -> None:
    there = project.json("up", "--environment", "prod")
    assert [stack["name"] for stack in there["stacks"]] == ["ProdData", "ProdTeam"]
    assert [each["status"] for each in there["notebook_instances"]] == ["InService"]
    # The parameters of jobs in nested stacks go by the name of the stack that was deployed.
    found = project.client("ssm").get_parameters_by_path(Path="/sagecraft", Recursive=True)["Parameters"]
    requests = {each["Name"]: json.loads(each["Value"])["request"] for each in found}
    assert sorted(requests) == ["/sagecraft/ProdTeam/Jobs/First", "/sagecraft/ProdTeam/Jobs2/Second"]
    first = requests["/sagecraft/ProdTeam/Jobs/First"]
    assert first["HyperParameters"]["num_round"] == "200"
    # The role stands in one nested stack; what it may do for the jobs, in theirs.
    role = first["RoleArn"].rpartition("/")[2]
    iam = project.client("iam")
    policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
    allowed = json.dumps([iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in policies])
    bucket = first["OutputDataConfig"]["S3OutputPath"].split("/")[2]
    assert f"arn:aws:s3:::{bucket}/train/*" in allowed

    gone = project.json("down", "--environment", "prod")
    assert gone == {"destroyed": ["ProdData", "ProdTeam"], "ended": [], "kept_buckets": [], "emulator_stopped": False}
    status = project.json("status")
    assert [stack for stack in status["stacks"] if stack["name"].startswith("Prod")] == []
