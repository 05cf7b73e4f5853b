"""Every construct as a component: what is registered equals the template; components take one another and Outputs."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest
import sagecraft_constructs as constructs
from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    ContinuousRange,
    FeatureType,
    InvalidProps,
    Objective,
    OfflineStore,
    OnlineStore,
    ProcessingOutput,
    ProductionVariant,
    StudioApp,
    StudioAppType,
    TrainingContainer,
    TrainingInput,
)
from sagecraft_infra import pulumi as sagecraft
from sagecraft_infra.errors import UserError
from sagecraft_infra.pulumi import component_types
from sagecraft_infra.pulumi.construct_component import ConstructComponent

from .comparison import Outcome, outcome

# The provider's package speaks up for each of its own old names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"
XGBOOST = AlgorithmImage(name="xgboost", version="3.2-0")


def _input(bucket: Any) -> TrainingInput:
    return TrainingInput(bucket=bucket, prefix="titanic/", content_type="text/csv")


def _everything() -> dict[str, Any]:
    """A component of each construct, most of them of others."""
    bucket = sagecraft.DataBucket("bucket")
    role = sagecraft.ExecutionRole("role")
    data = _input(bucket.reference)
    tuning = sagecraft.TuningJob(
        "tuning",
        container=XGBOOST,
        inputs={"train": data, "validation": data},
        output_bucket=bucket,
        objective=Objective.maximize("validation:auc"),
        ranges={"eta": ContinuousRange(0.1, 0.5)},
        hyperparameters={"objective": "binary:logistic", "num_round": 10},
        max_jobs=2,
    )
    model = sagecraft.Model("model", container=XGBOOST, model_data=tuning.model_data, role=role)
    sagecraft.TransformJob(
        "transform", model=model, model_role=role, input=data, output_bucket=bucket, accept="text/csv"
    )
    sagecraft.ProcessingJob(
        "processing",
        container=XGBOOST,
        entry_point=["python3", "x.py"],
        output_bucket=bucket,
        outputs={"report": ProcessingOutput()},
    )
    sagecraft.FeatureGroup(
        "features",
        feature_definitions={"customer": FeatureType.STRING, "at": FeatureType.FRACTIONAL},
        record_identifier_feature_name="customer",
        event_time_feature_name="at",
        online_store=OnlineStore(ttl=Duration.days(30)),
        offline_store=OfflineStore(bucket=bucket.reference),
        description=pulumi.Output.from_input("What customers did"),
    )
    retrain = sagecraft.existing(constructs.Pipeline.from_pipeline_name, "retrain")
    sagecraft.Schedule("weekly", pipeline=retrain, expression=pulumi.Output.from_input("rate(7 days)"))
    scripts = sagecraft.LifecycleConfig.idle_stop("scripts", lifecycle_config_name=pulumi.Output.from_input("scripts"))
    notebook = sagecraft.NotebookInstance("notebook", lifecycle_config=scripts, volume_gib=pulumi.Output.from_input(20))
    setup = sagecraft.StudioLifecycleConfig("setup", script="echo started")
    sagecraft.StudioImage("image", container=TrainingContainer.from_image_uri(IMAGE))
    lab = StudioApp(lifecycle_configs=[setup.reference])
    domain = sagecraft.StudioDomain("domain", apps={StudioAppType.JUPYTER_LAB: lab}, role=role)
    user = sagecraft.UserProfile("user", domain=domain, user_profile_name=pulumi.Output.from_input("ann"))
    sagecraft.Space("space", owner=user, volume_gib=pulumi.Output.from_input(20))
    return {
        "domain": domain.domain_id,
        "bucket": bucket.bucket_name,
        "artifacts": tuning.s3_model_artifacts,
        "role": role.role_arn,
        "models_role": model.role.role_arn,
        "notebook": notebook.notebook_instance_name,
        "key": notebook.encryption_key.key_arn,
    }


@pytest.fixture(scope="module")
def everything() -> Outcome:
    return outcome(_everything)


def test_what_is_registered_equals_the_templates(everything: Outcome) -> None:
    assert everything.problems() == []


def test_a_difference_is_found(everything: Outcome) -> None:
    model = everything.engine.one("aws-native:sagemaker:Model")
    changed = {**model.inputs, "primaryContainer": {**model.inputs["primaryContainer"], "imagined": "x"}}
    engine = replace(everything.engine, registered={model.name: replace(model, inputs=changed)})
    problems = replace(everything, engine=engine).problems()
    assert f"{model.name}.primaryContainer.imagined: not in the template" in problems
    assert f"{model.name}.primaryContainer: no property 'imagined' is published" in problems
    assert "bucket-resource (aws-native:s3:Bucket) was not registered" in problems


def test_an_alarm_on_the_bill_is_made_where_billing_metrics_are() -> None:
    def program() -> None:
        sagecraft.BillingAlarm("bill", threshold_usd=pulumi.Output.from_input(50), emails=["me@example.com"])

    found = outcome(program)
    assert found.problems() == []
    alarm = found.engine.one("aws-native:cloudwatch:Alarm")
    assert alarm.inputs["threshold"] == 50
    assert alarm.inputs["alarmDescription"] == "The estimated charges of this month exceed 50 US dollars"
    provider = found.engine.one("pulumi:providers:aws-native")
    assert provider.inputs["region"] == "us-east-1"
    assert alarm.request.provider.rpartition("::")[0].endswith(provider.name)


def test_what_one_component_has_made_is_given_to_the_apps_of_another() -> None:
    def program() -> None:
        image = sagecraft.StudioImage("image", container=TrainingContainer.from_image_uri(IMAGE))
        lab = StudioApp(images=[image.reference])
        sagecraft.StudioDomain("domain", apps={StudioAppType.JUPYTER_LAB: lab})

    found = outcome(program)
    (given,) = found.engine.one("aws-native:sagemaker:Domain").inputs["defaultUserSettings"]["jupyterLabAppSettings"][
        "customImages"
    ]
    image = found.engine.one("aws-native:sagemaker:Image")
    assert given["imageName"] == image.inputs["imageName"]
    assert {"imageName", "appImageConfigName", "imageVersionNumber"} <= given.keys()


def test_a_teams_environment_is_made_as_its_template_says() -> None:
    def program() -> None:
        people = [constructs.Person(name="ada", persona="data-scientist")]
        usd = pulumi.Output.from_input(500)
        sagecraft.TeamEnvironment("churn", name="churn", monthly_usd=usd, emails=["me@example.com"], people=people)

    found = outcome(program)
    assert found.problems() == []
    assert found.engine.one("aws-native:budgets:Budget").inputs["budget"]["budgetLimit"]["amount"] == 500
    assert found.engine.one("aws-native:sagemaker:NotebookInstance").inputs["directInternetAccess"] == "Disabled"


def test_attributes_are_outputs(everything: Outcome) -> None:
    found = everything.returned
    assert found["bucket"] == "bucket-resource-id"
    assert found["artifacts"] == "tuning-Resource.S3ModelArtifacts"
    assert found["role"].endswith("/role-Resource")
    assert found["models_role"] == found["role"]
    assert found["notebook"] == "notebook-Resource.notebookInstanceName"


def test_outputs_reach_the_resources_as_the_types_that_they_need(everything: Outcome) -> None:
    notebook = everything.engine.one("aws-native:sagemaker:NotebookInstance")
    assert notebook.inputs["volumeSizeInGb"] == 20
    assert notebook.inputs["lifecycleConfigName"].startswith("scripts")


def test_a_component_waits_for_the_one_whose_artefact_it_takes(everything: Outcome) -> None:
    assert "tuning-Resource" in everything.engine.one("aws-native:sagemaker:Model").needs


def test_every_construct_has_a_component() -> None:
    kinds = {name: getattr(constructs, name) for name in constructs.__all__ if not name.endswith("Base")}
    declared = {name for name, kind in kinds.items() if isinstance(kind, type) and Construct in kind.__mro__}
    offered = {name: getattr(sagecraft, name) for name in sagecraft.__all__ if name != "ConstructComponent"}
    made = {name for name, kind in offered.items() if isinstance(kind, type) and issubclass(kind, ConstructComponent)}
    # A pipeline, its steps and its jobs refer to each other, so all of them stand in one stack, which is a component.
    assert made == declared - {"ModelStep", "Pipeline", "RegisterModelStep"}
    assert all(offered[name].construct_class is kinds[name] for name in made)


def test_the_types_are_those_of_the_constructs() -> None:
    written = component_types.FILE.read_text(encoding="utf-8")
    assert written == component_types.component_types(), "run python -m sagecraft_infra.pulumi.component_types"


def test_what_the_user_says_of_the_component_reaches_its_resources() -> None:
    seen: list[str] = []

    def transformed(args: pulumi.ResourceTransformationArgs) -> None:
        seen.append(args.name)

    def program() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        first = sagecraft.ExecutionRole("first", opts=pulumi.ResourceOptions(parent=parent))
        options = pulumi.ResourceOptions(
            protect=True,
            parent=parent,
            aliases=[pulumi.Alias(name="earlier")],
            depends_on=[first],
            transformations=[transformed],
        )
        sagecraft.ExecutionRole("second", opts=options)

    found = outcome(program).engine.registered
    component, role = found["second"], found["second-Resource"]
    assert component.request.parent.endswith("::parent")
    assert component.request.protect
    assert role.request.protect
    assert role.request.parent.endswith("::second")
    assert "first-Resource" in role.needs
    # The engine works out from it what the resources were called.
    assert [alias.spec.name for alias in component.request.aliases] == ["earlier"] or any(
        "earlier" in urn for urn in component.request.aliasURNs
    ), component.request
    assert {"second", "second-Resource"} <= set(seen)


def test_existing_things_are_taken_by_name() -> None:
    def program() -> None:
        name = pulumi.Output.from_input("theirs")
        bucket = sagecraft.existing(s3.Bucket.from_bucket_name, name)
        sagecraft.DataBucket("own", access_logs=bucket)

    found = outcome(program)
    assert found.problems() == []
    bucket = found.engine.one("aws-native:s3:Bucket")
    assert bucket.inputs["loggingConfiguration"]["destinationBucketName"] == "theirs"


def test_the_constructs_checks_hold() -> None:
    variant = ProductionVariant(model=sagecraft.existing(constructs.Model.from_model_name, "m"), name="not_allowed")
    with pytest.raises(InvalidProps, match="not_allowed"):
        outcome(lambda: {"it": sagecraft.EndpointConfig("config", production_variants=[variant]).urn})


def test_an_output_that_comes_too_late_is_refused() -> None:
    with pytest.raises(UserError, match=r"DataBucket 'data': 'versioned' has to be known when the construct"):
        outcome(lambda: {"it": sagecraft.DataBucket("data", versioned=pulumi.Output.from_input(True)).urn})  # type: ignore[arg-type] # that is the test


def test_an_argument_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="bucket_nam"):
        outcome(lambda: {"it": sagecraft.DataBucket("data", bucket_nam="x").urn})  # type: ignore[call-arg] # that is the test


def test_a_method_that_changes_the_construct_is_not_offered() -> None:
    with pytest.raises(AttributeError, match="'grant_read' would change what Pulumi has been told of"):
        outcome(lambda: {"it": sagecraft.DataBucket("data").grant_read})
