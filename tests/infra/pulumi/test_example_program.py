"""The example's program: a training job, an endpoint and an alarm on the bill, equal to the templates."""

import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest

from .comparison import outcome

# The provider's package speaks up for each of its own old names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

PROGRAM = Path(__file__).parents[3] / "examples/pulumi/__main__.py"


def test_the_program_registers_what_the_templates_declare() -> None:
    pulumi.runtime.set_all_config({"project:alarmEmail": "me@example.com"})

    def program() -> dict[str, Any]:
        names = runpy.run_path(str(PROGRAM))
        return {
            "model_artifacts": names["training"].s3_model_artifacts,
            "endpoint": names["endpoint"].endpoint_name,
            "alarm": names["alarm"].alarm.alarm_arn,
        }

    found = outcome(program)
    assert found.problems() == []
    assert found.returned == {
        "model_artifacts": "survival-Resource.S3ModelArtifacts",
        "endpoint": "survival-endpoint-Resource.endpointName",
        "alarm": found.returned["alarm"],
    }
    model = found.engine.one("aws-native:sagemaker:Model")
    assert model.inputs["primaryContainer"]["modelDataUrl"] == "survival-Resource.S3ModelArtifacts"
    assert "survival-Resource" in model.needs
    assert found.engine.one("aws-native:sagemaker:EndpointConfig").inputs["productionVariants"][0]["modelName"] == (
        "survival-model-Resource.modelName"
    )
    assert [each.inputs["endpoint"] for each in found.engine.of_type("aws-native:sns:Subscription")] == [
        "me@example.com"
    ]
