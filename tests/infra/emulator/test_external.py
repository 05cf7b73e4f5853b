"""Which emulator answers at a URL, and what it cannot do of an app."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sagecraft_infra.deployment.limits import limits
from sagecraft_infra.emulator.external import EmulatorKind, ExternalEmulator, detect
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Assembly, Stack

from tests.infra.aws_server import aws_server
from tests.infra.conftest import MakeProject, Project, free_port

OPEN_CORE = {"services": {"s3": "available"}, "edition": "unknown", "version": "4.14.0"}
OURS = {"process_id": 1, "state_dir": "/state", "warnings": []}
TYPES = ("AWS::SNS::Topic", "AWS::SageMaker::Endpoint", "Custom::Other", "Custom::SageMakerTrainingJob")


def ask(url: str, expected: EmulatorKind | None = None) -> ExternalEmulator:
    return detect(url, region="us-east-1", access_key="000000000000", secret="test", expected=expected)


def app_of(place: Path, *types: str) -> Assembly:
    template = place / "template.json"
    resources = {f"Resource{number}": {"Type": each} for number, each in enumerate(types)}
    template.write_text(json.dumps({"Resources": resources}))
    return Assembly(place, (Stack("Stack", "000000000000", "us-east-1", template),))


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_our_emulator_is_known_and_does_everything(sagecraft_emulator: Any, tmp_path: Path) -> None:
    found = ask(sagecraft_emulator.endpoint_url)

    assert found.kind is EmulatorKind.SAGECRAFT
    assert found.account == "000000000000"
    assert found.runs_local_programs
    assert limits(found, app_of(tmp_path, *TYPES)) == []


def test_the_server_of_moto_is_known_and_runs_nothing(moto_url: str, tmp_path: Path) -> None:
    found = ask(f"{moto_url}/")

    assert (found.kind, found.name, found.endpoint_url) == (EmulatorKind.MOTO, "moto", moto_url)
    assert found.account == "123456789012"
    assert [str(each) for each in limits(found, app_of(tmp_path, *TYPES, "Custom::Other"))] == [
        "AWS::SageMaker::Endpoint: moto writes it down and runs nothing: no container starts and no model answers",
        "Custom::Other (2): moto never calls the function of a custom resource",
        "Custom::SageMakerTrainingJob: moto never calls the function of a custom resource",
    ]


def test_localstack_alone_makes_neither_sagemaker_nor_custom_resources(tmp_path: Path) -> None:
    with aws_server({"/_localstack/health": OPEN_CORE}) as url:
        found = ask(url)

    assert (found.kind, found.name) == (EmulatorKind.LOCALSTACK, "LocalStack 4.14.0")
    assert not found.has_sagemaker
    assert {each.resource_type for each in limits(found, app_of(tmp_path, *TYPES))} == set(TYPES) - {"AWS::SNS::Topic"}


def test_localstack_with_sagecraft_makes_the_types_that_it_has_plugins_for(tmp_path: Path) -> None:
    services = {**OPEN_CORE, "services": {"sagemaker": "available"}}
    types = {"resource_types": ["AWS::SageMaker::Endpoint", "AWS::CloudFormation::CustomResource"]}
    answers = {
        "/_localstack/health": services,
        "/_sagecraft/health": OURS,
        "/_sagecraft/resource-types": types,
    }
    with aws_server(answers) as url:
        found = ask(url)

    assert (found.name, found.has_sagemaker) == ("LocalStack 4.14.0 with Sagecraft", True)
    (limit,) = limits(found, app_of(tmp_path, *TYPES, "AWS::CDK::Metadata"))
    assert limit.resource_type == "AWS::SNS::Topic"
    assert "LocalStack's CloudFormation has no such type" in limit.reason


def test_of_localstack_with_a_licence_nothing_is_claimed(tmp_path: Path) -> None:
    health = {**OPEN_CORE, "edition": "pro", "services": {"sagemaker": "available"}}
    with aws_server({"/_localstack/health": health}) as url:
        found = ask(url)

    reasons = {each.resource_type: each.reason for each in limits(found, app_of(tmp_path, *TYPES))}
    assert set(reasons) == {"AWS::SageMaker::Endpoint", "Custom::SageMakerTrainingJob"}
    assert all("whether that runs anything is not known" in reason for reason in reasons.values())


def test_ministack_alone_has_no_sagemaker(tmp_path: Path) -> None:
    light = {"services": {}, "edition": "light", "version": "1.5.33"}
    with aws_server({"/_ministack/health": light, "/_localstack/health": light}) as url:
        found = ask(url)

    assert found.name == "ministack 1.5.33"
    assert {each.resource_type for each in limits(found, app_of(tmp_path, *TYPES))} == {
        "AWS::SageMaker::Endpoint",
        "Custom::SageMakerTrainingJob",
    }


def test_of_an_unknown_emulator_nothing_is_claimed(tmp_path: Path) -> None:
    with aws_server({}) as url:
        found = ask(url)

    assert found.kind is EmulatorKind.OTHER
    assert {each.reason for each in limits(found, app_of(tmp_path, *TYPES))} == {
        "whether this emulator makes it is not known"
    }


def test_what_stands_in_nested_stacks_counts_too(tmp_path: Path) -> None:
    nested = tmp_path / "Inner.nested.template.json"
    nested.write_text(json.dumps({"Resources": {"Job": {"Type": "Custom::SageMakerTrainingJob"}}}))
    inner = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": nested.name}}
    outer = app_of(tmp_path)
    outer.stacks[0].template_file.write_text(json.dumps({"Resources": {"Inner": inner}}))
    ministack = ExternalEmulator("http://127.0.0.1:4566", EmulatorKind.MINISTACK)

    assert [each.resource_type for each in limits(ministack, outer)] == ["Custom::SageMakerTrainingJob"]


def test_an_emulator_on_another_machine_runs_no_program_of_this_one(sagecraft_emulator: Any) -> None:
    found = replace(ask(sagecraft_emulator.endpoint_url), endpoint_url="http://build-machine:4566")

    assert not found.runs_local_programs
    assert (found.host, found.port) == ("build-machine", 4566)


def test_an_emulator_that_is_down_is_an_error_that_says_so() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(UserError, match=rf"^No emulator answers at {url}: .*refused\. Start it, or give the URL"):
        ask(url)


def test_a_server_that_is_no_emulator_is_an_error_that_says_so() -> None:
    with (
        aws_server({"/_localstack/health": "no object"}, identity=None) as url,
        pytest.raises(UserError, match=f"^What answers at {url} is no emulator of AWS: it does not do STS"),
    ):
        ask(url)


def test_another_emulator_than_expected_is_an_error_that_names_both(moto_url: str) -> None:
    with pytest.raises(UserError, match=f"^moto answers at {moto_url}, and --emulator says that it is localstack"):
        ask(moto_url, EmulatorKind.LOCALSTACK)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("127.0.0.1:4566", "is no URL of an emulator"),
        ("ftp://127.0.0.1", "is no URL of an emulator"),
        ("http://127.0.0.1:port", "is no URL: Port could not be cast"),
        ("http://127.0.0.1:4566/aws", "has more than a host and a port"),
        ("https://sts.us-east-1.amazonaws.com", "is AWS itself. To deploy there: --target aws."),
    ],
)
def test_a_wrong_url_is_an_error_that_says_what_is_wrong(url: str, problem: str) -> None:
    with pytest.raises(UserError) as raised:
        ask(url)

    assert f"--endpoint-url: '{url}' {problem}" in str(raised.value)


@pytest.fixture(scope="module")
def deployed(make_project: MakeProject, sagecraft_emulator: Any) -> Project:
    """A project whose own emulator was never started."""
    project = make_project("topic")
    done = project.run("up", "--endpoint-url", sagecraft_emulator.endpoint_url, "--emulator", "sagecraft")
    assert done.returncode == 0, done.stderr
    assert f"Sagecraft's emulator answers at {sagecraft_emulator.endpoint_url}, account 000000000000" in done.stderr
    return project


@pytest.mark.slow
def test_up_deploys_to_the_emulator_that_runs_and_down_leaves_it_running(
    deployed: Project, sagecraft_emulator: Any
) -> None:
    there = ("--endpoint-url", sagecraft_emulator.endpoint_url)

    assert "Topic" in [stack["name"] for stack in deployed.json("status", *there)["stacks"]]
    assert not deployed.settings.database.exists(), "no emulator of its own was started"
    shutil.rmtree(deployed.directory / "cdk.out")  # as a synthesis that fails leaves it

    down = deployed.run("down", *there)

    assert down.returncode == 0, down.stderr
    assert f"at {sagecraft_emulator.endpoint_url} runs on" in down.stderr
    stacks = sagecraft_emulator.client("cloudformation").describe_stacks()["Stacks"]
    assert "Topic" not in [each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"]


@pytest.mark.slow
def test_up_says_up_front_what_an_emulator_cannot_do_and_deploys_nothing(
    make_project: MakeProject, moto_url: str
) -> None:
    project = make_project("jobs_alone")

    done = project.run("up", "--endpoint-url", moto_url)

    assert done.returncode == 2
    assert f"moto at {moto_url} cannot do all that the app declares. Nothing was deployed." in done.stderr
    assert "  Custom::SageMakerTrainingJob (2): moto never calls the function of a custom resource" in done.stderr
    assert "  AWS::SageMaker::Model: moto writes it down and runs nothing" in done.stderr
    assert "AWS::SNS::Topic" not in done.stderr
    assert "Bootstrapping" not in done.stderr


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--target", "aws", "--endpoint-url", "http://127.0.0.1:1"), "--target aws is no emulator"),
        (("--emulator", "moto"), "--emulator says what answers at --endpoint-url. Give both"),
        (("--anyway",), "--anyway is about the emulator at --endpoint-url"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    make_project: MakeProject, options: tuple[str, ...], problem: str
) -> None:
    done = make_project("topic").run("up", *options)

    assert done.returncode == 2
    assert problem in done.stderr
