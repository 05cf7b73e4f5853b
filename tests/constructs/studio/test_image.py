import json
from typing import Any

import pytest
from aws_cdk import Stack, Tags
from sagecraft_constructs import InvalidProps, StudioAppType, StudioImage, TrainingContainer

from tests.constructs.stack import make_stack

from .templates import found, properties, statements

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/own:1"


@pytest.fixture
def stack() -> Stack:
    return make_stack("eu-west-1", "Team")


def image(stack: Stack, **props: Any) -> StudioImage:
    return StudioImage(stack, "Image", **{"container": TrainingContainer.from_image_uri(URI), **props})


def test_an_image_has_a_version_and_says_how_jupyterlab_runs_it(stack: Stack) -> None:
    image(
        stack,
        entry_point="jupyter-lab",
        arguments=["--no-browser"],
        environment={"TEAM": "titanic"},
        aliases=["1.0.0"],
        display_name="Own tools",
        description="With our tools",
        image_name="own",
    )
    Tags.of(stack).add("team", "titanic")
    tags = [{"Key": "team", "Value": "titanic"}]
    (role,) = found(stack, "AWS::IAM::Role")
    assert properties(stack, "Image") == {
        "ImageDescription": "With our tools",
        "ImageDisplayName": "Own tools",
        "ImageName": "own",
        "ImageRoleArn": {"Fn::GetAtt": [role, "Arn"]},
        "Tags": tags,
    }
    assert properties(stack, "ImageVersion") == {"Aliases": ["1.0.0"], "BaseImage": URI, "ImageName": "own"}
    config = properties(stack, "AppImageConfig")
    assert config["JupyterLabAppImageConfig"] == {
        "ContainerConfig": {
            "ContainerArguments": ["--no-browser"],
            "ContainerEntrypoint": ["jupyter-lab"],
            "ContainerEnvironmentVariables": [{"Key": "TEAM", "Value": "titanic"}],
        }
    }
    assert config["Tags"] == tags


def test_sagemaker_may_pull_what_the_image_is_made_of(stack: Stack) -> None:
    image(stack)
    pulled = [each["Resource"] for each in statements(stack, "ImageRole") if "ecr:BatchGetImage" in each["Action"]]
    assert "repository/own" in json.dumps(pulled)
    (version,) = found(stack, "AWS::SageMaker::ImageVersion").values()
    (made,) = found(stack, "AWS::SageMaker::Image")
    assert made in version["DependsOn"]


@pytest.mark.parametrize(
    ("props", "config"),
    [
        ({}, {"JupyterLabAppImageConfig": {}}),
        ({"app_type": StudioAppType.CODE_EDITOR}, {"CodeEditorAppImageConfig": {}}),
        (
            {"app_type": StudioAppType.KERNEL_GATEWAY, "kernel_name": "python3"},
            {"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "python3"}]}},
        ),
    ],
)
def test_each_app_has_its_own_configuration(stack: Stack, props: dict[str, Any], config: dict[str, Any]) -> None:
    image(stack, **props)
    made = properties(stack, "AppImageConfig")
    assert {name: each for name, each in made.items() if name != "AppImageConfigName"} == config


def test_an_existing_image_is_known_by_its_names(stack: Stack) -> None:
    known = StudioImage.from_image_attributes(stack, "Image", image_name="own", app_image_config_name="own-config")
    assert (known.image_name, known.app_image_config_name, known.image_version_number) == ("own", "own-config", None)
    assert "image/own" in str(stack.resolve(known.image_arn))


@pytest.mark.parametrize(
    ("props", "told"),
    [
        ({"image_name": "my_image"}, "image_name: ImageName 'my_image' does not match"),
        ({"kernel_name": "python3"}, "kernel_name: a JupyterLab image finds its kernels itself"),
        ({"app_type": StudioAppType.KERNEL_GATEWAY}, "kernel_name: a KernelGateway image needs one"),
        (
            {"app_type": StudioAppType.KERNEL_GATEWAY, "kernel_name": "python3", "arguments": ["--debug"]},
            "takes no 'entry_point', 'arguments' or 'environment'",
        ),
        ({"app_type": StudioAppType.JUPYTER_SERVER}, "app_type: JupyterServer apps run SageMaker's own image alone"),
        ({"arguments": ["-v"] * 51}, "arguments: at most 50 are allowed, got 51"),
        ({"environment": {f"V{number}": "1" for number in range(26)}}, "environment: at most 25 variables are allowed"),
    ],
)
def test_what_sagemaker_does_not_take_is_refused(stack: Stack, props: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidProps, match=told):
        image(stack, **props)
