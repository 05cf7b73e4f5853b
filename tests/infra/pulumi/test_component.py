"""A CDK stack as a component: synthesis, inputs, outputs, what the user passes through."""

from typing import Any

import aws_cdk
import pulumi
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sns as sns
from sagecraft_infra.errors import UserError
from sagecraft_infra.pulumi import CdkComponent, NotExpressible, list_input, number_input, string_input

from .engine import Engine, run


@pytest.fixture
def engine() -> Engine:
    return Engine(
        outputs={
            "aws-native:s3:Bucket": {"arn": "arn:aws:s3:::data"},
            "aws:s3/bucket:Bucket": {"bucket": "made-for-assets"},
        }
    )


def topic(stack: aws_cdk.Stack) -> None:
    sns.Topic(stack, "Topic")


def readers(stack: aws_cdk.Stack) -> dict[str, Any]:
    bucket = s3.Bucket(stack, "Data")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal(string_input(stack, "Service")))
    bucket.grant_read(role)
    aws_cdk.CfnOutput(stack, "BucketArn", value=bucket.bucket_arn)
    return {"role": role.role_name, "Data": bucket.bucket_name, "names": list_input(stack, "Names")}


def test_a_stack_becomes_the_children_of_a_component(engine: Engine) -> None:
    def program() -> Any:
        inputs = {"Service": pulumi.Output.from_input("sagemaker.amazonaws.com"), "Names": ["a", "b"]}
        return CdkComponent("demo", readers, inputs=inputs).outputs

    found = run(program, engine)
    role, policy, bucket = (engine.one(f"aws-native:{token}") for token in ("iam:Role", "iam:RolePolicy", "s3:Bucket"))
    assert found == {
        "BucketArn": "arn:aws:s3:::data",
        "role": f"{role.name}-id",
        "Data": f"{bucket.name}-id",
        "names": ["a", "b"],
    }
    assert {each.type for each in engine.registered.values()} == {
        "sagecraft:cdk:CdkComponent",
        "aws-native:iam:Role",
        "aws-native:iam:RolePolicy",
        "aws-native:s3:Bucket",
    }
    (statement,) = role.inputs["assumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert policy.inputs["roleName"] == f"{role.name}-id"
    assert policy.inputs["policyDocument"]["Statement"][0]["Resource"] == ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
    assert policy.needs == {role.name, bucket.name}
    assert bucket.request.retainOnDelete  # the CDK's default for buckets
    assert {each.request.parent.rpartition("::")[2] for each in (role, policy, bucket)} == {"demo"}


def test_what_the_user_passes_reaches_every_resource(engine: Engine) -> None:
    seen = []

    def tagged(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        seen.append(args.type_)
        if args.type_ != "aws-native:sns:Topic":
            return None
        return pulumi.ResourceTransformationResult({**args.props, "display_name": "mine"}, args.opts)

    def program() -> None:
        outer = pulumi.ComponentResource("test:index:Outer", "outer")
        first = pulumi.ComponentResource("test:index:First", "first")
        waited = pulumi.CustomResource("test:index:Waited", "waited", {}, pulumi.ResourceOptions(parent=first))
        provider = pulumi.ProviderResource("aws-native", "elsewhere", {})
        CdkComponent(
            "demo",
            topic,
            opts=pulumi.ResourceOptions(
                parent=outer,
                protect=True,
                aliases=[pulumi.Alias(name="old")],
                depends_on=[waited],
                providers=[provider],
                retain_on_delete=True,
                transformations=[tagged],
            ),
        )

    run(program, engine)
    made = engine.one("aws-native:sns:Topic")
    assert made.inputs == {"displayName": "mine"}
    assert made.request.protect
    assert made.request.retainOnDelete
    assert made.needs == {"waited"}
    assert "::elsewhere::" in made.request.provider
    assert "test:index:Outer$sagecraft:cdk:CdkComponent" in made.request.parent
    component = engine.one("sagecraft:cdk:CdkComponent")
    assert [alias.spec.name for alias in component.request.aliases] == ["old"]
    assert seen == ["sagecraft:cdk:CdkComponent", "aws-native:sns:Topic"]


def test_stacks_within_the_stack_import_from_each_other(engine: Engine) -> None:
    def factory(stack: aws_cdk.Stack) -> None:
        data = aws_cdk.Stack(stack, "Data")
        bucket = s3.Bucket(data, "Bucket")
        news = aws_cdk.Stack(stack, "News")
        sns.Topic(news, "Topic", display_name=bucket.bucket_name)
        aws_cdk.CfnOutput(news, "Source", value=bucket.bucket_name)

    found = run(lambda: CdkComponent("demo", factory).outputs, engine)
    bucket = engine.one("aws-native:s3:Bucket")
    made = engine.one("aws-native:sns:Topic")
    assert made.inputs == {"displayName": f"{bucket.name}-id"}
    assert made.needs == {bucket.name}
    assert list(found.values()) == [f"{bucket.name}-id"]
    assert engine.asked == []  # nothing is imported from outside


def test_assets_go_to_a_bucket_of_the_component_or_to_the_given(engine: Engine) -> None:
    def factory(stack: aws_cdk.Stack) -> dict[str, Any]:
        asset = s3_assets.Asset(stack, "Asset", path=__file__)
        sns.Topic(stack, "Topic", display_name=asset.s3_object_key)
        return {"uri": asset.s3_object_url}

    found = run(lambda: CdkComponent("Demo", factory).outputs, engine)
    uploaded = engine.one("aws:s3/bucketObjectv2:BucketObjectv2")
    assert found == {"uri": f"s3://made-for-assets/{uploaded.inputs['key']}"}
    assert engine.one("aws:s3/bucket:Bucket").name == "demo-assets"
    assert uploaded.inputs["source"].path.endswith(".py")
    assert engine.one("aws-native:sns:Topic").needs == {uploaded.name}

    engine.registered.clear()
    found = run(lambda: CdkComponent("Demo", factory, asset_bucket="mine").outputs, engine)
    assert found["uri"].startswith("s3://mine/")
    assert engine.of_type("aws:s3/bucket:Bucket") == []


def test_a_named_environment_is_known_at_once(engine: Engine) -> None:
    def factory(stack: aws_cdk.Stack) -> dict[str, Any]:
        condition = aws_cdk.CfnCondition(
            stack, "InIreland", expression=aws_cdk.Fn.condition_equals(aws_cdk.Aws.REGION, "eu-west-1")
        )
        sns.CfnTopic(stack, "Topic").cfn_options.condition = condition
        return {"rank": number_input(stack, "Rank")}

    env = aws_cdk.Environment(account="123456789012", region="eu-west-1")
    found = run(lambda: CdkComponent("demo", factory, env=env, inputs={"Rank": 2}).outputs, engine)
    assert found == {"rank": "2"}
    assert len(engine.of_type("aws-native:sns:Topic")) == 1
    assert engine.asked == []


def test_what_the_component_cannot_do_is_refused(engine: Engine) -> None:
    with pytest.raises(UserError, match=r"The stack factory of 'demo' returned list\. Return a mapping"):
        run(lambda: CdkComponent("demo", lambda stack: [stack]).outputs, engine)  # type: ignore[arg-type, return-value]
    with pytest.raises(UserError, match="has no parameters Titel, which inputs names"):
        run(lambda: CdkComponent("demo", topic, inputs={"Titel": 1}).outputs, engine)


def test_an_unknown_type_names_the_resource(engine: Engine) -> None:
    def factory(stack: aws_cdk.Stack) -> None:
        aws_cdk.CfnResource(stack, "System", type="AWS::FSx::FileSystem", properties={"FileSystemType": "LUSTRE"})

    with pytest.raises(NotExpressible, match=r"resource 'System' \(AWS::FSx::FileSystem\), property Type: the type is"):
        run(lambda: CdkComponent("demo", factory).outputs, engine)
