"""Each example's app and the project's own, made by Pulumi: what is registered equals the templates."""

import runpy
from functools import partial
from pathlib import Path

import aws_cdk
import pytest
from sagecraft_infra.pulumi import CdkComponent
from sagecraft_infra.pulumi.template.synthesis import Synthesized, read_assembly

from . import comparison
from .comparison import outcome

# The provider's package speaks up for each of its own old names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

ROOT = Path(__file__).parents[3]
APPS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "app.py", *(ROOT / "examples").glob("*.py")))


@pytest.mark.parametrize("app", APPS)
def test_what_is_registered_equals_the_templates(app: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)
    # The CDK's rules on templates cost seconds, and are tested with the stacks.
    context = {"@aws-cdk/core:validateAgainstDefaultRules": False}
    app_to_here = partial(aws_cdk.App, outdir=str(tmp_path), context=context, analytics_reporting=False)
    monkeypatch.setattr(aws_cdk, "App", app_to_here)
    runpy.run_path(app, run_name="__main__")
    stacks = Synthesized(tuple(read_assembly(tmp_path)), {})
    monkeypatch.setattr(comparison, "synthesize", lambda *_, **__: stacks)

    found = outcome(lambda: {"outputs": CdkComponent("app", lambda _: None).outputs})

    assert found.problems() == []
    assert {name for name, value in found.returned["outputs"].items() if value in (None, "")} == set()
    assert found.returned["outputs"]
