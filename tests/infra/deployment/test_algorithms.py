"""What `sagecraft up` refuses before it deploys."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App, CfnResource, NestedStack, Stack
from aws_cdk.assertions import Template
from sagecraft_catalog import algorithm
from sagecraft_constructs import AlgorithmImage, Model, ModelData
from sagecraft_containers import program as program_module
from sagecraft_infra.deployment import algorithms as deployed
from sagecraft_infra.emulator.images import register_image, remove_image
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.project.assembly import Stack as Synthesized
from sagecraft_infra.testing.emulator import RunningEmulator

from tests.constructs.stack import make_bucket, make_stack


def synthesized(stack: Stack, directory: Path, name: str) -> Assembly:
    data = ModelData.from_bucket(make_bucket(stack), "model.tar.gz")
    Model(stack, "Model", container=AlgorithmImage(name=name, version="1"), model_data=data)
    file = directory / "template.json"
    file.write_text(json.dumps(Template.from_stack(stack).to_json()))
    return Assembly(directory, (Synthesized("Stack", "000000000000", "us-east-1", file),))


@pytest.mark.parametrize("stack", [make_stack, lambda: Stack(App(), "Anywhere")], ids=["region", "token"])
def test_an_algorithm_is_found_whether_the_region_is_known_or_not(stack: Callable[[], Stack], tmp_path: Path) -> None:
    assert deployed.algorithms_of(synthesized(stack(), tmp_path, "object2vec")) == {"object2vec"}


def test_one_in_a_nested_stack_is_found(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    nested = NestedStack(Stack(app, "Outer"), "Inner")
    image = algorithm("ipinsights").image_uri("1", "us-east-1")
    CfnResource(nested, "Model", type="AWS::SageMaker::Model", properties={"PrimaryContainer": {"Image": image}})
    app.synth()
    assert deployed.algorithms_of(Assembly.read(tmp_path)) == {"ipinsights"}


def test_one_that_is_a_script_of_jumpstarts_is_found_by_its_place(tmp_path: Path) -> None:
    script = "s3://jumpstart-cache-prod-us-east-1/source-directory-tarballs/autogluon/transfer_learning/x/v1/a.tar.gz"
    file = tmp_path / "template.json"
    file.write_text(
        json.dumps({"Resources": {"Job": {"HyperParameters": {"sagemaker_submit_directory": f'"{script}"'}}}})
    )
    assembly = Assembly(tmp_path, (Synthesized("Stack", "000000000000", "us-east-1", file),))
    assert deployed.algorithms_of(assembly) == {"autogluon-tabular"}


def test_one_whose_packages_are_not_installed_is_refused_with_the_extra_that_has_them(
    tmp_path: Path, sagecraft_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_module, "find_spec", lambda _package: None)
    port = int(sagecraft_emulator.endpoint_url.rpartition(":")[2])
    deployed.refuse_algorithms_without_program(port, synthesized(make_stack(), tmp_path, "kmeans"))
    assembly = synthesized(make_stack(), tmp_path, "linear-learner")
    with pytest.raises(
        UserError, match=r'linear-learner needs the packages jax and optax.*sagecraft\[algorithms\]"\. Noth'
    ):
        deployed.refuse_algorithms_without_program(port, assembly)


def test_one_without_a_program_is_refused_until_one_is_registered(
    tmp_path: Path, sagecraft_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployed, "engine_answers", lambda: False)
    port = int(sagecraft_emulator.endpoint_url.rpartition(":")[2])
    deployed.refuse_algorithms_without_program(port, synthesized(make_stack(), tmp_path, "kmeans"))
    assembly = synthesized(make_stack(), tmp_path, "seq2seq")
    with pytest.raises(UserError, match=r"The emulator has no program for seq2seq, .*Nothing was deployed\. Register"):
        deployed.refuse_algorithms_without_program(port, assembly)
    image = algorithm("seq2seq").image_uri("1", "us-east-1")
    register_image(port, image, train=["true"], serve=["true"], process=["true"])
    try:
        deployed.refuse_algorithms_without_program(port, assembly)
    finally:
        remove_image(port, image)
