"""`sagecraft preflight` from end to end: an app with an endpoint, on an account that is new."""

import json
from pathlib import Path

import pytest
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import EmulatorSettings

from tests.infra.conftest import RUNNING, MakeProject, Project, free_port

pytestmark = [pytest.mark.slow, pytest.mark.skipif(RUNNING is not None, reason="about an emulator of its own")]
APP = """
from aws_cdk import App, Stack
from aws_cdk import aws_sagemaker as sagemaker

app = App()
stack = Stack(app, "Served")
variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
    variant_name="All", model_name="m", instance_type="ml.m5.large", initial_instance_count=1
)
config = sagemaker.CfnEndpointConfig(stack, "Config", production_variants=[variant])
sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)
app.synth()
"""
QUOTA = "ml.m5.large for endpoint usage"


def test_what_an_account_lacks_ends_with_2_until_it_is_granted(make_project: MakeProject, tmp_path: Path) -> None:
    made = make_project("topic")
    (made.directory / "served.py").write_text(APP)
    project = Project(made.directory, EmulatorSettings(tmp_path / "state", free_port(), quotas="new-account"))
    server.start(project.settings)
    try:
        lacking = project.run("preflight", "--app", "python served.py")
        code = lacking.stdout.partition("--quota-code ")[2].split()[0]
        project.client("service-quotas").request_service_quota_increase(
            ServiceCode="sagemaker", QuotaCode=code, DesiredValue=2
        )
        granted = project.run("preflight", "--app", "python served.py", "--json")
    finally:
        server.stop(project.settings)
    assert lacking.returncode == 2
    assert f"missing {QUOTA}: 0 (applied to this account), 0 in use by others; Served/Endpoint (1): needs 1" in (
        lacking.stdout
    )
    assert lacking.stderr.endswith(f"Error: A deployment would fail for: {QUOTA}.\n")
    assert granted.returncode == 0
    found = {each["subject"]: each for each in json.loads(granted.stdout)}
    assert (found[QUOTA]["severity"], found[QUOTA]["value"], found[QUOTA]["needed"]) == ("ok", 2, 1)
