import re

import pytest
from aws_cdk import App, CfnParameter, Stack, Tags
from sagecraft_constructs import InvalidProps, StudioAppType, StudioLifecycleConfig

from .templates import properties


def name_of(script: str, app_type: StudioAppType = StudioAppType.JUPYTER_LAB, **tags: str) -> str:
    stack = Stack(App(), "Team")
    config = StudioLifecycleConfig(stack, "Setup", script=script, app_type=app_type)
    for key, value in tags.items():
        Tags.of(config).add(key, value)
    name: str = properties(stack, "StudioLifecycleConfig")["StudioLifecycleConfigName"]
    return name


def test_a_script_is_encoded_by_cloudformation_and_tags_pass() -> None:
    stack = Stack(App(), "Team")
    StudioLifecycleConfig(stack, "Setup", script="#!/bin/bash\necho started\n", studio_lifecycle_config_name="setup")
    Tags.of(stack).add("team", "titanic")
    assert properties(stack, "StudioLifecycleConfig") == {
        "StudioLifecycleConfigAppType": "JupyterLab",
        "StudioLifecycleConfigContent": {"Fn::Base64": "#!/bin/bash\necho started\n"},
        "StudioLifecycleConfigName": "setup",
        "Tags": [{"Key": "team", "Value": "titanic"}],
    }


def test_its_name_changes_with_all_that_sagemaker_cannot_change() -> None:
    first = name_of("echo one")
    assert re.fullmatch("team-setup-[0-9a-f]{8}-[0-9a-f]{10}", first)
    assert name_of("echo one") == first
    others = {name_of("echo two"), name_of("echo one", StudioAppType.CODE_EDITOR), name_of("echo one", team="titanic")}
    assert len({first, *others}) == 4


def test_a_script_may_be_known_at_deployment_alone() -> None:
    stack = Stack(App(), "Team")
    script = CfnParameter(stack, "Script").value_as_string
    StudioLifecycleConfig(stack, "Setup", script=script)
    assert properties(stack, "StudioLifecycleConfig")["StudioLifecycleConfigContent"] == {
        "Fn::Base64": {"Ref": "Script"}
    }


def test_an_existing_configuration_is_known_by_its_name() -> None:
    stack = Stack(App(), "Team")
    known = StudioLifecycleConfig.from_studio_lifecycle_config_name(
        stack, "Setup", "setup", app_type=StudioAppType.CODE_EDITOR
    )
    assert (known.studio_lifecycle_config_name, known.app_type) == ("setup", StudioAppType.CODE_EDITOR)
    assert "studio-lifecycle-config/setup" in str(stack.resolve(known.studio_lifecycle_config_arn))


def test_every_problem_is_told_at_once() -> None:
    stack = Stack(App(), "Team")
    with pytest.raises(InvalidProps) as caught:
        StudioLifecycleConfig(stack, "Setup", script="x" * 12_289, studio_lifecycle_config_name="my_setup")
    too_long, wrong_name = caught.value.problems
    assert too_long.startswith("script: the script has 16388 characters in base64, but SageMaker allows 16384; ")
    assert "StudioLifecycleConfigName 'my_setup' does not match" in wrong_name


def test_an_empty_script_is_refused() -> None:
    with pytest.raises(InvalidProps, match="script: the script is empty"):
        StudioLifecycleConfig(Stack(App(), "Team"), "Setup", script="")
