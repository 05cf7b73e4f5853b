"""The Titanic app as a whole, as the CDK CLI would synthesize it."""

import json
import runpy
from functools import partial
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from sagecraft_catalog import algorithm

from tests.constructs.template_checks import assert_clean, template_of

ROOT = Path(__file__).parent.parent


def titanic(region: str, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", region)
    # The CLI hands the context over in the environment, which only a process that starts afterwards sees.
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    monkeypatch.setattr("aws_cdk.App", partial(App, context=context))
    app = runpy.run_path("app.py")["app"]
    assert isinstance(app, App)
    return app


def stack_of(app: App, name: str) -> Stack:
    found = app.node.find_child(name)
    assert isinstance(found, Stack)
    return found


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_every_template_is_clean_and_right_for_its_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = titanic(region, monkeypatch)
    assert_clean(app)

    image = algorithm("xgboost").image_uri("3.2-0", region)
    assert image in json.dumps(template_of(stack_of(app, "TitanicEndpoint")))

    assert stack_of(app, "TitanicEndpoint").region == region
    billing = stack_of(app, "TitanicBilling")
    assert billing.region == "us-east-1"
    kinds = {resource["Type"] for resource in template_of(billing)["Resources"].values()}
    assert "AWS::CloudWatch::Alarm" in kinds
