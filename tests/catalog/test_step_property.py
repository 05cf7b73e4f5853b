from typing import Any

import botocore.session
import pytest
from botocore.model import Shape
from sagecraft_catalog import CatalogError, check_step_property
from sagecraft_catalog.package_data import load

# As the SageMaker SDK has it: https://github.com/aws/sagemaker-python-sdk, sagemaker/mlops/workflow, `shape_name`.
SHAPES = {
    "Training": ["DescribeTrainingJobResponse"],
    "Processing": ["DescribeProcessingJobResponse"],
    "Transform": ["DescribeTransformJobResponse"],
    "Tuning": ["DescribeHyperParameterTuningJobResponse", "ListTrainingJobsForHyperParameterTuningJobResponse"],
    "AutoML": ["DescribeAutoMLJobResponse"],
    "Model": ["DescribeModelOutput"],
    "RegisterModel": ["DescribeModelPackageOutput"],
}


def _members(shape: Shape) -> Any:
    match shape.type_name:
        case "structure":
            return {name: _members(each) for name, each in shape.members.items()}  # type: ignore[attr-defined]
        case "list":
            return {"[]": _members(shape.member)}  # type: ignore[attr-defined]
        case "map":
            return {"{}": _members(shape.value)}  # type: ignore[attr-defined]
        case "string" | "timestamp":
            return None
        case _:
            return "number"


def test_the_properties_are_those_of_the_service_model() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    found = load("step_properties")["steps"]
    assert found == {
        step: {name: each for shape in shapes for name, each in _members(model.shape_for(shape)).items()}
        for step, shapes in SHAPES.items()
    }


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ("Training", "ModelArtifacts.S3ModelArtifacts"),
        ("Training", "FinalMetricDataList['validation:auc'].Value"),
        ("Training", "HyperParameters['a.b']"),
        ("Processing", "ProcessingOutputConfig.Outputs['train.csv'].S3Output.S3Uri"),
        ("Tuning", "TrainingJobSummaries[0].TrainingJobName"),
        ("RegisterModel", "ModelPackageArn"),
    ],
)
def test_a_property_that_there_is_passes(step: str, path: str) -> None:
    assert check_step_property(step, path) is not path.endswith(".Value")


@pytest.mark.parametrize(
    ("step", "path", "told"),
    [
        (
            "Training",
            "ModelArtefacts.S3ModelArtifacts",
            "a Training step has no property 'ModelArtefacts'. Did you mean",
        ),
        (
            "Training",
            "ModelArtifacts.Uri",
            "'ModelArtifacts' of a Training step has no property 'Uri'. There are 'S3Mo",
        ),
        ("Training", "TrainingJobName[0]", "'TrainingJobName' of a Training step is no list or map, so it has no [0]."),
        ("Training", "RoleArn.Name", "'RoleArn' of a Training step has no parts called 'Name'."),
        ("Processing", "ProcessingInputs.S3Input", "it is a list or map, so write [0] or ['name'] first"),
        ("Training", "Model Artifacts", "is no path: write names with '.' between them"),
        ("Fail", "Outcome", "A step of type 'Fail' has no properties of its own."),
    ],
)
def test_a_property_that_there_is_not_is_told_with_what_is_near(step: str, path: str, told: str) -> None:
    with pytest.raises(CatalogError) as caught:
        check_step_property(step, path)
    assert told in str(caught.value)
