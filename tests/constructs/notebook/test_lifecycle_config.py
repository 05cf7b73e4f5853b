import base64
import re
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack, Tags
from sagecraft_constructs import InvalidProps, LifecycleConfig

from tests.constructs.template_checks import assert_clean, template_of


def properties(stack: Stack) -> dict[str, Any]:
    assert_clean(stack)
    (resource,) = template_of(stack)["Resources"].values()
    found: dict[str, Any] = resource.get("Properties", {})
    return found


def on_start(config: LifecycleConfig) -> str:
    (hook,) = properties(Stack.of(config))["OnStart"]
    script: str = hook["Content"]["Fn::Base64"]
    return script


def test_scripts_are_encoded_by_cloudformation_and_tags_pass() -> None:
    stack = Stack(App(), "Notebooks")
    LifecycleConfig(stack, "Config", on_create="#!/bin/bash\necho created\n", on_start="#!/bin/bash\necho started\n")
    Tags.of(stack).add("project", "titanic")
    assert properties(stack) == {
        "OnCreate": [{"Content": {"Fn::Base64": "#!/bin/bash\necho created\n"}}],
        "OnStart": [{"Content": {"Fn::Base64": "#!/bin/bash\necho started\n"}}],
        "Tags": [{"Key": "project", "Value": "titanic"}],
    }


def test_the_idle_stop_carries_its_program_its_time_and_fits() -> None:
    config = LifecycleConfig.idle_stop(Stack(App(), "Notebooks"), "Config", idle_time=Duration.minutes(90))
    script = on_start(config)
    assert script.startswith("#!/bin/bash\n")
    assert "\nidle_seconds=5400\n" in script
    assert '\noptions=""\n' in script
    assert "def latest_activity(" in script
    assert not re.findall(r"@[A-Z_]+@", script)
    assert len(base64.b64encode(script.encode())) <= 16_384 - 1_900 * 4 // 3
    assert config.stops_instance


def test_the_idle_stop_can_also_count_connected_browsers() -> None:
    stack = Stack(App(), "Notebooks")
    config = LifecycleConfig.idle_stop(stack, "Config", keep_while_connected=True)
    assert '\noptions=" --keep-while-connected"\n' in on_start(config)


def test_a_script_of_ones_own_follows_the_idle_stop() -> None:
    config = LifecycleConfig.idle_stop(Stack(App(), "Notebooks"), "Config", on_start="echo own\n")
    assert on_start(config).endswith("\necho own\n")


def test_a_script_that_is_too_long_is_refused_with_what_to_change() -> None:
    with pytest.raises(InvalidProps, match="on_start: the script has 16388 characters in base64, but"):
        LifecycleConfig(Stack(App(), "Notebooks"), "Config", on_start="x" * 12_289)
    LifecycleConfig(Stack(App(), "Notebooks"), "Config", on_start="x" * 12_288)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidProps) as caught:
        LifecycleConfig(Stack(App(), "Notebooks"), "Config", on_create="", lifecycle_config_name="my_config")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["on_create", "lifecycle_config_name"]


@pytest.mark.parametrize("idle_time", [Duration.minutes(4), Duration.days(8)])
def test_an_idle_time_out_of_range_is_refused(idle_time: Duration) -> None:
    with pytest.raises(InvalidProps, match=r"idle_time: should be from 5 minutes to 7 days, got (4 minutes|8 days)\."):
        LifecycleConfig.idle_stop(Stack(App(), "Notebooks"), "Config", idle_time=idle_time)


def test_an_idle_time_that_is_only_known_at_deploy_is_refused() -> None:
    stack = Stack(App(), "Notebooks")
    minutes = CfnParameter(stack, "Minutes", type="Number").value_as_number
    with pytest.raises(InvalidProps, match="idle_time: it must be known when the app is synthesized"):
        LifecycleConfig.idle_stop(stack, "Config", idle_time=Duration.minutes(minutes))


def test_an_existing_configuration_is_known_by_its_name() -> None:
    stack = Stack(App(), "Notebooks")
    config = LifecycleConfig.from_lifecycle_config_name(stack, "Config", "shared", stops_instance=True)
    assert config.lifecycle_config_name == "shared"
    assert config.stops_instance
    assert stack.resolve(config.lifecycle_config_arn)["Fn::Join"][1][-1] == (
        ":notebook-instance-lifecycle-config/shared"
    )
