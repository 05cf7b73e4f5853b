"""Whether an account has what an app needs, looked at on an emulator with the quotas of a new account."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.deployment.diagnosis import Severity
from sagecraft_infra.deployment.preflight.preflight import refuse_unready, requirements
from sagecraft_infra.deployment.preflight.requirement import Requirement
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.project.assembly import Assembly, Stack
from sagecraft_infra.target import Target, TargetName

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator, free_port

OK, NOTE, MISSING = Severity.OK, Severity.NOTE, Severity.MISSING
XGBOOST = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"
ACTIVE, ALL_SPOT = "Number of instances across active endpoints", "Number of instances across all spot training jobs"


@pytest.fixture(scope="module")
def emulator(limited_emulator: RunningEmulator) -> RunningEmulator:
    """One with a model."""
    container, role_arn = {"Image": XGBOOST}, limited_emulator.make_role()
    limited_emulator.client("sagemaker").create_model(
        ModelName="m", PrimaryContainer=container, ExecutionRoleArn=role_arn
    )
    return limited_emulator


class Aws(Target):
    """AWS, played by an emulator."""

    @property
    def is_local(self) -> bool:
        return False

    @property
    def region(self) -> str:
        return REGION

    @property
    def account(self) -> str:
        return ACCOUNT

    @cached_property
    def _emulated(self) -> Target:
        return Target(TargetName.LOCAL, self.project)

    def _client(self, service: str, region: str) -> Any:
        return self._emulated._client(service, region)


@pytest.fixture(scope="module")
def target(emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    """One for all tests, so that its clients are made once."""
    return Aws(TargetName.AWS, Project(tmp_path_factory.mktemp("app"), emulator.settings))


def assembly(directory: Path, resources: dict[str, Any], region: str = REGION, name: str = "App") -> Assembly:
    file = directory / "app.template.json"
    file.write_text(json.dumps({"Resources": resources}))
    return Assembly(directory, (Stack(name, ACCOUNT, region, file),))


def looked(target: Target, resources: dict[str, Any], **where: str) -> dict[str, Requirement]:
    found = requirements(target, assembly(target.project.directory, resources, **where))
    assert len({each.subject for each in found}) == len(found)
    return {each.subject: each for each in found}


def endpoint(kind: str, count: int = 1) -> dict[str, Any]:
    variant = {"VariantName": "All", "ModelName": "m", "InstanceType": kind, "InitialInstanceCount": count}
    return {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
        },
    }


def job(kind: str = "ml.m5.large", *, count: int = 1, spot: bool = True, **others: Any) -> dict[str, Any]:
    request = {
        "ResourceConfig": {"InstanceType": kind, "InstanceCount": count},
        "EnableManagedSpotTraining": spot,
        **others,
    }
    return {"Type": "Custom::SageMakerTrainingJob", "Properties": {"Request": request}}


def role(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


def test_a_quota_that_is_too_small_is_told_with_what_to_do(target: Target) -> None:
    found = looked(target, endpoint("ml.m5.large", 2))["ml.m5.large for endpoint usage"]
    assert (found.severity, found.value, found.needed, found.region) == (MISSING, 0, 2, REGION)
    assert found.detail == (
        "0 (applied to this account), 0 in use by others; App/Endpoint (2): needs 2, and would be refused with "
        "ResourceLimitExceeded"
    )
    assert found.mend == (
        "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-614B09FD "
        "--desired-value 2 --region us-east-1"
    )


def test_what_is_told_to_do_helps(target: Target, emulator: RunningEmulator) -> None:
    name, elsewhere = "ml.c5.xlarge for endpoint usage", "eu-west-1"
    before = looked(target, endpoint("ml.c5.xlarge"), region=elsewhere)[name]
    assert (before.severity, before.mend is None) == (MISSING, False)
    words = (before.mend or "").split()
    code, desired = (words[words.index(option) + 1] for option in ("--quota-code", "--desired-value"))
    quotas = emulator.client("service-quotas", elsewhere)
    quotas.request_service_quota_increase(ServiceCode="sagemaker", QuotaCode=code, DesiredValue=float(desired))
    after = looked(target, endpoint("ml.c5.xlarge"), region=elsewhere)[name]
    assert (after.severity, after.value, after.needed) == (NOTE, 1, 2)  # for an update of it alone


def test_what_others_have_is_counted_and_what_the_app_has_already_is_not(
    target: Target, emulator: RunningEmulator
) -> None:
    name, resources = "ml.t2.medium for endpoint usage", endpoint("ml.t2.medium")
    stacks = emulator.client("cloudformation")
    stacks.create_stack(StackName="Standing", TemplateBody=json.dumps({"Resources": resources}))
    stacks.get_waiter("stack_create_complete").wait(StackName="Standing", WaiterConfig={"Delay": 1})
    other = looked(target, endpoint("ml.t2.medium", 2))[name]
    own = looked(target, endpoint("ml.t2.medium", 2), name="Standing")[name]
    stacks.delete_stack(StackName="Standing")
    stacks.get_waiter("stack_delete_complete").wait(StackName="Standing", WaiterConfig={"Delay": 1})
    assert (other.severity, "1 in use by others" in other.detail) == (MISSING, True)
    assert (other.mend or "").endswith("--desired-value 3 --region us-east-1")
    assert (own.severity, "0 in use by others" in own.detail) == (NOTE, True)  # see the next test


def test_the_instances_that_an_update_of_an_endpoint_needs_beside_the_old_ones_are_a_note(target: Target) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html"""
    name, resources = "ml.t2.medium for endpoint usage", endpoint("ml.t2.medium", 2)
    found = looked(target, resources)[name]
    assert (found.severity, found.value, found.needed) == (NOTE, 2, 4)
    assert found.detail.endswith("needs 2, and 4 while its endpoint is updated, whose new instances come first")
    assert (found.mend or "").endswith("--desired-value 4 --region us-east-1")
    assert looked(target, endpoint("ml.t2.medium"))[name].severity is OK
    rolling = {"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}}}
    resources["Endpoint"]["Properties"]["DeploymentConfig"] = rolling
    assert looked(target, resources)[name].severity is OK


def test_notebook_instances_of_others_are_counted(target: Target, emulator: RunningEmulator) -> None:
    sagemaker, name = emulator.client("sagemaker"), "ml.c5.xlarge for notebook instance usage"
    properties = {"InstanceType": "ml.c5.xlarge", "RoleArn": emulator.make_role()}
    resources = {"Notebook": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": properties}}
    assert looked(target, resources)[name].severity is OK
    sagemaker.create_notebook_instance(NotebookInstanceName="n", **properties)
    found = looked(target, resources)
    assert (found[name].severity, found[name].value, found[name].needed) == (MISSING, 1, 1)
    assert "1 in use" in found["Total number of notebook instances"].detail


def test_jobs_that_may_come_one_after_another_are_a_note(target: Target) -> None:
    found = looked(target, {"One": job(count=3), "Two": job(count=3)})
    assert found[ALL_SPOT].severity is NOTE
    assert found[ALL_SPOT].detail.endswith("needs 6 if its jobs come at once, and one of them would be refused")
    assert looked(target, {"One": job(count=5)})[ALL_SPOT].severity is MISSING


def test_what_is_scaled_or_started_later_is_a_note(target: Target) -> None:
    target_of_scaling = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "MinCapacity": 1,
            "MaxCapacity": 3,
            "ResourceId": {"Fn::Join": ["/", ["endpoint", {"Ref": "Endpoint"}, "variant/All"]]},
        },
    }
    held = {"kind": "TrainingJob", "request": {"ResourceConfig": {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1}}}
    by_hand = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": json.dumps(held)}}
    found = looked(target, {**endpoint("ml.t2.medium"), "Target": target_of_scaling, "ByHand": by_hand})
    scaled, started = found["ml.t2.medium for endpoint usage"], found["ml.p3.2xlarge for training job usage"]
    assert (scaled.severity, started.severity) == (NOTE, NOTE)
    assert scaled.detail.endswith("needs 1, and 3 to be scaled up to its most")
    assert started.detail.endswith("needs 1 when it is started, and would be refused then")


def test_a_quota_that_nobody_has_published_is_a_note(target: Target) -> None:
    request = {"TransformResources": {"InstanceType": "ml.m7i.large", "InstanceCount": 1}}
    found = looked(target, {"It": {"Type": "Custom::SageMakerTransformJob", "Properties": {"Request": request}}})
    unknown = found["ml.m7i.large for transform job usage"]
    assert (unknown.severity, unknown.value, unknown.needed) == (NOTE, None, 1)
    assert "not known (nobody has published what a new account has)" in unknown.detail


def test_a_type_that_a_region_does_not_offer_is_told(target: Target) -> None:
    found = looked(target, endpoint("ml.x9.large"))["ml.x9.large for endpoint usage"]
    assert (found.severity, found.mend) == (MISSING, None)
    assert found.detail == (
        "AWS has no such quota in us-east-1, as it has of each instance type that it offers there for this use; "
        "App/Endpoint (1) asks for it. Choose another instance type, or another region"
    )


def test_spot_instances_are_told_to_be_waited_for(target: Target) -> None:
    found = looked(target, {"Job": job()})
    assert found["App/Job"].severity is NOTE
    assert found["App/Job"].detail == (
        "the TrainingJob runs on spot instances: it waits until AWS has some, for MaxWaitTimeInSeconds at most, and "
        "may be interrupted"
    )
    assert "ml.m5.large for spot training job usage" in found


def test_roles_that_sagemaker_may_not_assume_are_told(target: Target, emulator: RunningEmulator) -> None:
    well, gone = emulator.make_role("well"), f"arn:aws:iam::{ACCOUNT}:role/gone"
    emulator.client("iam").create_role(
        RoleName="other",
        AssumeRolePolicyDocument=json.dumps(role("ec2.amazonaws.com")["Properties"]["AssumeRolePolicyDocument"]),
    )
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    found = looked(
        target,
        {
            "Good": role("sagemaker.amazonaws.com"),
            "Bad": role("lambda.amazonaws.com"),
            "A": job(RoleArn={"Fn::GetAtt": ["Good", "Arn"]}),
            "B": job(RoleArn={"Fn::GetAtt": ["Bad", "Arn"]}),
            **{name: job(RoleArn=arn) for name, arn in (("C", well), ("D", gone), ("E", other))},
        },
    )
    assert {found[each].severity for each in ("App/Good", well)} == {OK}
    assert {found[each].severity for each in ("App/Bad", gone, other)} == {MISSING}
    assert found[gone].detail == "there is no such role, which App/D is given"
    assert "does not let the service sagemaker.amazonaws.com" in found["App/Bad"].detail


def test_images_that_are_not_there_are_told(target: Target, emulator: RunningEmulator) -> None:
    emulator.client("ecr").create_repository(repositoryName="own")
    own = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/own:1"
    elsewhere = XGBOOST.replace(REGION, "us-west-2").replace("683313688378", "246618743249")
    foreign = f"111122223333.dkr.ecr.{REGION}.amazonaws.com/theirs:1"
    images = (XGBOOST, own, elsewhere, foreign)
    models = {
        f"M{number}": {"Type": "AWS::SageMaker::Model", "Properties": {"PrimaryContainer": {"Image": image}}}
        for number, image in enumerate(images)
    }
    found = looked(target, models)
    assert [found[image].severity for image in images] == [OK, MISSING, MISSING, NOTE]
    assert found[XGBOOST].detail == "AWS publishes it in us-east-1"
    assert found[own].mend == f"docker push {own}"
    assert found[elsewhere].detail.endswith("and the image in us-west-2. Declare the image of us-east-1")


def test_a_deployment_that_would_fail_is_refused_before_anything_is_made(target: Target) -> None:
    steps: list[str] = []

    class Told:
        step = staticmethod(steps.append)

    made = assembly(target.project.directory, endpoint("ml.m5.large"))
    with pytest.raises(UserError) as refused:
        refuse_unready(target, made, Told(), skip=False)  # type: ignore[arg-type]  # it is told of one step
    assert str(refused.value).splitlines() == [
        "The deployment would fail. Nothing was made.",
        f"  aws://{ACCOUNT}/{REGION}: is not bootstrapped",
        f"    cdk bootstrap aws://{ACCOUNT}/{REGION}",
        (
            "  ml.m5.large for endpoint usage: 0 (applied to this account), 0 in use by others; App/Endpoint (1): "
            "needs 1, and would be refused with ResourceLimitExceeded"
        ),
        (
            "    aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-614B09FD "
            "--desired-value 1 --region us-east-1"
        ),
        "What is looked at: sagecraft preflight --target aws. To deploy all the same: --skip-preflight",
    ]
    assert steps == ["Looking whether the account has what is needed"]
    refuse_unready(target, made, Told(), skip=True)  # type: ignore[arg-type]
    assert len(steps) == 1


def test_without_service_quotas_those_of_a_new_account_count(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = RunningEmulator(EmulatorSettings(target.project.directory, free_port()))
    deaf = Target(TargetName.LOCAL, Project(target.project.directory, nobody.settings))
    monkeypatch.setattr(Aws, "service_quotas", lambda _, region: deaf.service_quotas(region))
    found = looked(target, endpoint("ml.m5.large"))
    assert found["quotas"].severity is NOTE
    assert found["quotas"].detail.startswith("Service Quotas could not be asked, so those of a new account are counted")
    counted = found["ml.m5.large for endpoint usage"]
    assert (counted.severity, counted.value) == (MISSING, 0)
    assert "0 (that of a new account, of 2024-02-10, AWS's Service Quotas API" in counted.detail


def test_an_emulator_that_keeps_to_no_quotas_says_what_a_new_account_would(
    sagecraft_emulator: Any, tmp_path: Path
) -> None:
    port = int(sagecraft_emulator.endpoint_url.rpartition(":")[2])
    settings = EmulatorSettings(tmp_path, port)
    found = looked(
        Target(TargetName.LOCAL, Project(tmp_path, settings, account="210987654321")), endpoint("ml.m5.large")
    )
    told = found["ml.m5.large for endpoint usage"]
    assert (told.severity, told.value) == (NOTE, 0)
    assert told.detail.endswith("on a new account: this emulator limits nothing without --quotas new-account")
