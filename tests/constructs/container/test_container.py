from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk.assertions import Template
from sagecraft_constructs import AlgorithmImage, InvalidProps, LocalProgram, TrainingContainer

from tests.constructs.stack import make_stack

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/mine:1"


def project(tmp_path: Path) -> str:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "program.py").write_text("print('hello')\n")
    (tmp_path / "requirements.txt").write_text("numpy\n")
    return str(tmp_path)


def test_an_algorithm_has_the_account_of_the_region() -> None:
    image = AlgorithmImage(name="xgboost", version="1.7-1").bind(make_stack("eu-west-1"), "training")
    assert image.uri == "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    assert image.repository_arn.endswith(":ecr:eu-west-1:141502667606:repository/sagemaker-xgboost")
    assert image.network_isolation


def test_a_framework_fetches_its_script_and_is_not_cut_off() -> None:
    stack = make_stack()
    container = AlgorithmImage(name="sklearn", version="1.2-1")
    image = container.bind(stack, "inference")
    assert image.uri == "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    assert not image.network_isolation


def test_two_uses_of_an_algorithm_share_a_mapping_where_the_region_is_a_token() -> None:
    stack = Stack(App(), "Anywhere")
    container = AlgorithmImage(name="xgboost", version="1.7-1")
    uris = [stack.resolve(container.bind(stack, "training").uri) for _ in range(2)]
    assert uris[0] == uris[1]
    container.bind(stack, "inference")
    mappings = Template.from_stack(stack).to_json().get("Mappings", {})
    assert set(mappings) == {"Xgboost171TrainingImages", "Xgboost171InferenceImages"}


def test_a_mapping_has_a_name_that_cloudformation_takes() -> None:
    stack = Stack(App(), "Anywhere")
    AlgorithmImage(name="semantic-segmentation", version="1").bind(stack, "training")
    assert set(Template.from_stack(stack).to_json()["Mappings"]) == {"SemanticSegmentation1TrainingImages"}


def test_an_unknown_version_names_near_matches() -> None:
    with pytest.raises(ValueError, match=r"xgboost has no training image of version '1.7-2'. Did you mean .*'1.7-1'"):
        AlgorithmImage(name="xgboost", version="1.7-2")


def test_a_dockerfile_is_an_image_asset_that_carries_its_local_program(tmp_path: Path) -> None:
    stack = make_stack()
    program = LocalProgram(entry_point="program.py", requirements="requirements.txt")
    container = TrainingContainer.from_dockerfile(project(tmp_path), local_program=program)
    image = container.bind(stack, "training")
    metadata = Template.from_stack(stack).to_json()["Metadata"]["sagecraft:local-programs"]
    (asset_hash,) = metadata
    assert metadata == {asset_hash: {"entry_point": "program.py", "requirements": "requirements.txt"}}
    assert asset_hash in str(stack.resolve(image.uri))


def test_several_local_programs_stand_side_by_side() -> None:
    stack = make_stack()
    for tag, entry_point in (("1", "one.py"), ("2", "two.py")):
        uri = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:{tag}"
        container = TrainingContainer.from_image_uri(uri, local_program=LocalProgram(entry_point=entry_point))
        container.bind(stack, "training")
    repository = ecr.Repository.from_repository_name(stack, "Repository", "ours")
    TrainingContainer.from_ecr(repository, tag="3", local_program=LocalProgram(entry_point="three.py")).bind(
        stack, "training"
    )
    assert Template.from_stack(stack).to_json()["Metadata"]["sagecraft:local-programs"] == {
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1": {"entry_point": "one.py"},
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:2": {"entry_point": "two.py"},
        "ours:3": {"entry_point": "three.py"},
    }


def test_what_is_missing_beside_the_dockerfile_is_told_at_once(tmp_path: Path) -> None:
    program = LocalProgram(entry_point="main.py", requirements="needs.txt")
    with pytest.raises(InvalidProps) as caught:
        TrainingContainer.from_dockerfile(str(tmp_path), local_program=program)
    for name in ("a Dockerfile, 'Dockerfile'", "the entry point of the local program, 'main.py'", "'needs.txt'"):
        assert name in str(caught.value)


def test_an_image_uri_says_which_repository_it_is_in() -> None:
    image = TrainingContainer.from_image_uri(URI).bind(make_stack("eu-west-1"), "training")
    assert image.uri == URI
    assert image.repository_arn.endswith(":ecr:eu-west-1:123456789012:repository/team/mine")


@pytest.mark.parametrize("uri", ["docker.io/library/python:3", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine"])
def test_an_image_outside_of_ecr_is_refused(uri: str) -> None:
    with pytest.raises(InvalidProps, match=f"uri: '{uri}' is not an image in ECR"):
        TrainingContainer.from_image_uri(uri)


def test_a_local_program_needs_a_repository_whose_name_is_known() -> None:
    stack = make_stack()
    repository = ecr.Repository(stack, "Repository")
    container = TrainingContainer.from_ecr(repository, tag="1", local_program=LocalProgram(entry_point="one.py"))
    with pytest.raises(InvalidProps, match="needs a repository with a name of its own"):
        container.bind(stack, "training")
