import pytest
from aws_cdk import Annotations, App, Environment, NestedStack, Stack, Stage
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from .template_checks import annotations, assert_clean, lint_findings, nag_findings


def test_an_app_without_findings_passes() -> None:
    app = App()
    sagemaker.CfnNotebookInstanceLifecycleConfig(Stack(app, "Clean"), "Config")
    assert_clean(app)


def test_cfn_lint_finds_a_misspelt_instance_type_in_any_stack() -> None:
    app = App()
    sagemaker.CfnNotebookInstanceLifecycleConfig(Stack(app, "Clean"), "Config")
    stack = Stack(app, "Wrong", env=Environment(account="123456789012", region="eu-west-1"))
    sagemaker.CfnNotebookInstance(
        stack, "Notebook", instance_type="ml.t3.medum", role_arn="arn:aws:iam::123456789012:role/some-role"
    )
    app.synth()
    (finding,) = lint_findings(app)
    assert finding.startswith("Wrong: E3030 at Resources/Notebook/Properties/InstanceType: 'ml.t3.medum' is not one of")


def test_cdk_nag_finds_a_bucket_that_allows_plain_http() -> None:
    app = App()
    s3.Bucket(Stack(app, "Wrong"), "Bucket")
    app.synth()
    assert [finding.partition(" at ")[0] for finding in nag_findings(app)] == ["AwsSolutions-S1", "AwsSolutions-S10"]
    with pytest.raises(AssertionError, match=r"2 findings:\nAwsSolutions-S1 at Wrong/Bucket/Resource: The S3 Bucket"):
        assert_clean(app)


def test_warnings_of_constructs_are_findings() -> None:
    app = App()
    stack = Stack(app, "Stack")
    for scope, text in (stack, "look here"), (NestedStack(stack, "Nested"), "and here"), (app, "all of it"):
        Annotations.of(scope).add_warning_v2("sagecraft:test", text)
    Annotations.of(Stack(Stage(app, "Stage"), "Within")).add_error("wrong")
    app.synth()
    assert sorted(annotations(app)) == [
        ": warning: all of it [ack: sagecraft:test]",
        "Stack/Nested: warning: and here [ack: sagecraft:test]",
        "Stack: warning: look here [ack: sagecraft:test]",
        "Stage/Within: error: wrong",
    ]
