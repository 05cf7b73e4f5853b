"""What the CDK's own rules find in the app, the examples and new projects, whose `cdk.json` makes errors of it."""

import pytest
from sagecraft_infra.project.name import ProjectName
from sagecraft_infra.project.template import ProjectTemplate

from .validated import ROOT, Script, findings

EXAMPLES = sorted(file for file in (ROOT / "examples").rglob("*.py") if "app.synth()" in file.read_text("utf-8"))
REGIONS = ("us-east-1", "eu-west-1")
APPS = [
    *(f"app.py in {region}" for region in REGIONS),
    *(str(example.relative_to(ROOT)) for example in EXAMPLES),
    *(f"a new project for {template}" for template in ProjectTemplate),
]
WRONG = """
import aws_cdk as cdk
app = cdk.App()
cdk.CfnResource(cdk.Stack(app, "Wrong"), "Topic", type="AWS::SNS::Topic", properties={"TopicNam": "misspelt"})
app.synth()
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    place = tmp_path_factory.mktemp("apps")
    (place / "wrong.py").write_text(WRONG)
    for template in ProjectTemplate:
        template.make(place / template, ProjectName.parse(f"sea-{template}"))
    in_regions = [{"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": region} for region in REGIONS]
    return findings(
        *(Script(name, "app.py", variables=region) for name, region in zip(APPS, in_regions, strict=False)),
        *(Script(str(example.relative_to(ROOT)), str(example)) for example in EXAMPLES),
        *(Script(f"a new project for {each}", "app.py", str(place / each)) for each in ProjectTemplate),
        Script("wrong", str(place / "wrong.py")),
    )


@pytest.mark.parametrize("app", APPS)
def test_the_rules_of_the_cdk_find_nothing_in(app: str, found: dict[str, str]) -> None:
    assert found[app] == ""


def test_the_rules_of_the_cdk_are_asked(found: dict[str, str]) -> None:
    assert "TopicNam" in found["wrong"]
