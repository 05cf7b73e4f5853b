"""Resources of a template as resources of Pulumi."""

import json
from pathlib import Path
from typing import Any

import pytest
from sagecraft_infra.pulumi import NotExpressible
from sagecraft_infra.pulumi.provider.classic import CLASSIC_TYPES, renamed
from sagecraft_infra.pulumi.registration.resources import resource_name
from sagecraft_infra.pulumi.template.synthesis import FileAsset

from .engine import Engine
from .templates import registered

BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Code": {"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": "0abc.zip"},
        "Role": "arn:aws:iam::123456789012:role/r",
        "MemorySize": "256",
        "KmsKeyArn": "key",
        "Environment": {"Variables": {"MY_Key": "1", "Other.key": {"Fn::Sub": f"s3://{BUCKET}/0abc.zip"}}},
    },
}


@pytest.fixture
def engine() -> Engine:
    return Engine(
        outputs={
            "aws-native:cloudformation:CustomResourceEmulator": {
                "physicalResourceId": "physical",
                "data": {"Answer": "42", "Outputs.train": "s3://b/train"},
            },
            "aws:iam/accessKey:AccessKey": {"secret": "s3cret"},
        }
    )


def test_names_are_the_providers_and_free_form_maps_the_users(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    asset = FileAsset(BUCKET, "0abc.zip", tmp_path / "code", is_folder=True)
    registered({"Resources": {"Function": FUNCTION}}, engine, assets=(asset,))
    assert engine.one("aws-native:lambda:Function").inputs == {
        "code": {"s3Bucket": "assets-bucket", "s3Key": "0abc.zip"},
        "role": "arn:aws:iam::123456789012:role/r",
        "memorySize": 256,
        "kmsKeyArn": "key",
        "environment": {"variables": {"MY_Key": "1", "Other.key": "s3://assets-bucket/0abc.zip"}},
    }


def test_an_asset_is_uploaded_before_what_names_it(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("a")
    folder = FileAsset(BUCKET, "0abc.zip", tmp_path, is_folder=True)
    file = FileAsset("my-bucket", "1def.csv", tmp_path / "file.csv", is_folder=False)
    unused = FileAsset(BUCKET, "template.json", tmp_path / "missing", is_folder=False)
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "s3://my-bucket/1def.csv"}}
    registered(
        {"Resources": {"Function": FUNCTION, "Again": FUNCTION, "Topic": topic}}, engine, assets=(folder, file, unused)
    )
    objects = {each.inputs["key"]: each for each in engine.of_type("aws:s3/bucketObjectv2:BucketObjectv2")}
    assert {key: type(each.inputs["source"]).__name__ for key, each in objects.items()} == {
        "0abc.zip": "FileArchive",
        "1def.csv": "FileAsset",
    }
    assert objects["0abc.zip"].inputs["source"].path == str(tmp_path)
    assert objects["0abc.zip"].inputs["bucket"] == "assets-bucket"
    for name in ("app-Function", "app-Again"):
        assert objects["0abc.zip"].name in engine.registered[name].needs
    assert engine.registered["app-Topic"].inputs == {"displayName": "s3://assets-bucket/1def.csv"}
    assert engine.registered["app-Topic"].needs == {objects["1def.csv"].name}


def test_a_custom_resource_is_made_by_its_function(engine: Engine) -> None:
    found = registered(
        {
            "Resources": {
                "Job": {
                    "Type": "Custom::Job",
                    "Properties": {
                        "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:f",
                        "ServiceTimeout": "3600",
                        "HyperParameters": {"max_depth": 3},
                        "Nothing": {"Ref": "AWS::NoValue"},
                    },
                }
            },
            "Outputs": {
                "Answer": {"Value": {"Fn::GetAtt": ["Job", "Answer"]}},
                "Train": {"Value": {"Fn::GetAtt": ["Job", "Outputs.train"]}},
                "Id": {"Value": {"Ref": "Job"}},
            },
        },
        engine,
    )
    assert found == {"Answer": "42", "Train": "s3://b/train", "Id": "physical"}
    job = engine.one("aws-native:cloudformation:CustomResourceEmulator")
    stack_id = job.inputs.pop("stackId")
    assert stack_id.startswith("arn:aws:cloudformation:eu-west-1:123456789012:stack/app/")
    assert job.inputs == {
        "bucketName": "assets-bucket",
        "bucketKeyPrefix": "custom-resources/app/Job/",
        "resourceType": "Custom::Job",
        "serviceToken": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "customResourceProperties": {
            "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:f",
            "ServiceTimeout": "3600",
            "HyperParameters": {"max_depth": 3},
        },
    }
    assert job.request.customTimeouts.create == "3600s"


def test_an_answer_without_the_attribute_is_told(engine: Engine) -> None:
    job = {"Type": "Custom::Job", "Properties": {"ServiceToken": "arn"}}
    content = {"Resources": {"Job": job}, "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Job", "Url"]}}}}
    problem = r"output 'Url': the function of 'Job' \(Custom::Job\) answered without 'Url'. It answered: Answer"
    with pytest.raises(NotExpressible, match=problem):
        registered(content, engine)


def test_an_inline_policy_is_one_for_each_holder(engine: Engine) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Action": "s3:GetObject", "Effect": "Allow", "Resource": "*"}]}
    content = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
            "Policy": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "access",
                    "PolicyDocument": document,
                    "Roles": [{"Ref": "Role"}, "other"],
                    "Groups": ["readers"],
                },
            },
            "Topic": {"Type": "AWS::SNS::Topic", "DependsOn": ["Policy"]},
        },
        "Outputs": {"Name": {"Value": {"Ref": "Policy"}}},
    }
    assert registered(content, engine) == {"Name": "access"}
    roles = engine.of_type("aws-native:iam:RolePolicy")
    assert {each.inputs["roleName"] for each in roles} == {"app-Role-id", "other"}
    group = engine.one("aws-native:iam:GroupPolicy")
    assert group.inputs == {"policyName": "access", "policyDocument": document, "groupName": "readers"}
    assert engine.one("aws-native:sns:Topic").needs >= {group.name, *(each.name for each in roles)}


def test_what_cloud_control_lacks_is_made_with_aws(engine: Engine) -> None:
    key = {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "u", "Status": "Active"}}
    content = {
        "Resources": {"Key": key},
        "Outputs": {"Secret": {"Value": {"Fn::GetAtt": ["Key", "SecretAccessKey"]}}, "Id": {"Value": {"Ref": "Key"}}},
    }
    assert registered(content, engine) == {"Secret": "s3cret", "Id": "app-Key-id"}
    assert engine.one("aws:iam/accessKey:AccessKey").inputs == {"user": "u", "status": "Active"}


def test_objects_of_which_aws_knows_only_the_parts_are_taken_apart() -> None:
    entry = {"RuleNumber": 100, "PortRange": {"From": 443, "To": 444}}
    found = renamed(entry, CLASSIC_TYPES["AWS::EC2::NetworkAclEntry"])
    assert found == {"RuleNumber": 100, "fromPort": 443, "toPort": 444}


def test_what_is_kept_and_what_waits(engine: Engine) -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    content = {
        "Resources": {
            "First": {**topic, "DependsOn": "Second"},
            "Second": {**topic, "DeletionPolicy": "Retain"},
            "Third": {**topic, "UpdateReplacePolicy": "Retain", "DeletionPolicy": "Delete"},
            "Metadata": {"Type": "AWS::CDK::Metadata"},
        }
    }
    registered(content, engine)
    assert engine.registered["app-First"].needs == {"app-Second"}
    kept = {each.name: each.request.retainOnDelete for each in engine.of_type("aws-native:sns:Topic")}
    assert kept == {"app-First": False, "app-Second": True, "app-Third": True}


def test_a_nested_stack_is_a_component(engine: Engine, tmp_path: Path) -> None:
    nested = {
        "Parameters": {"Title": {"Type": "String"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Title"}}}},
        "Outputs": {"Name": {"Value": {"Ref": "Topic"}}},
    }
    (tmp_path / "nested.json").write_text(json.dumps(nested))
    content = {
        "Resources": {
            "First": {"Type": "AWS::SNS::Topic"},
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": "https://…", "Parameters": {"Title": {"Ref": "First"}}},
                "Metadata": {"aws:asset:path": "nested.json"},
            },
        },
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Name"]}}},
    }
    assert registered(content, engine, directory=tmp_path) == {"Name": "app-Inner-Topic-id"}
    inner = engine.registered["app-Inner-Topic"]
    assert inner.inputs == {"displayName": "app-First-id"}
    assert inner.request.parent.endswith("sagecraft:cdk:NestedStack::app-Inner")


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        ({"Type": "AWS::FSx::FileSystem"}, "property Type: the type is neither in the provider aws-native"),
        ({"Type": "Alexa::ASK::Skill"}, "property Type: the type is neither in the provider aws-native"),
        (
            {"Type": "AWS::SNS::Topic", "Properties": {"TopikName": "x"}},
            "property TopikName: the provider has no such property. Did you mean topicName? It has: archivePolicy",
        ),
        (
            {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Endpiont": "x"}]}},
            "property Subscription[0].Endpiont: the provider has no such property. Did you mean endpoint?",
        ),
        (
            {"Type": "AWS::SNS::Topic", "Properties": {"Tags": {"a": "b"}}},
            "property Tags: the provider takes a list here, not an object.",
        ),
        ({"Type": "AWS::SNS::Topic", "CreationPolicy": {}}, "property CreationPolicy: Pulumi's providers do not wait"),
        (
            {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Snapshot"},
            "property DeletionPolicy: Pulumi makes no",
        ),
        ({"Type": "AWS::IAM::Role", "Properties": {}}, "the provider refuses it: Missing required property"),
        (
            {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": {"Ref": "AWS::NoValue"}}},
            "property Roles: who holds the policy has to be a list",
        ),
        ({"Type": "Custom::Job", "Properties": {}}, "property ServiceToken: a custom resource names the function"),
    ],
)
def test_a_resource_that_cannot_be_expressed_is_refused(engine: Engine, resource: dict[str, Any], problem: str) -> None:
    with pytest.raises(NotExpressible) as refused:
        registered({"Resources": {"It": resource}}, engine)
    assert str(refused.value).startswith(f"resource 'It' ({resource['Type']})")
    assert problem in str(refused.value)


def test_a_custom_resource_of_a_topic_is_refused(engine: Engine) -> None:
    job = {"Type": "Custom::Job", "Properties": {"ServiceToken": {"Ref": "Topic"}}}
    with pytest.raises(NotExpressible, match=r"'Job' \(Custom::Job\), property ServiceToken: .* not topics of SNS"):
        registered({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Job": job}}, engine)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"Transform": "AWS::Serverless-2016-10-31"}, "stack 'app', property Transform: CloudFormation's macro"),
        ({"Rules": {"Mine": {}}}, "stack 'app', property Rules.Mine: CloudFormation's rules have no like"),
        (
            {
                "Resources": {
                    "A": {"Type": "AWS::SNS::Topic", "DependsOn": "B"},
                    "B": {"Type": "AWS::SNS::Topic", "DependsOn": "A"},
                }
            },
            "stack 'app': Circular dependency between resources: ",
        ),
    ],
)
def test_a_template_that_cannot_be_expressed_is_refused(engine: Engine, content: dict[str, Any], problem: str) -> None:
    with pytest.raises(NotExpressible) as refused:
        registered(content, engine)
    assert str(refused.value).startswith(problem)


def test_a_name_leaves_room_for_what_the_provider_adds() -> None:
    logical_id = "DatasetCustomResourceProviderFrameworkOnEventServiceRole0123ABCD"
    long = resource_name("environment", logical_id, "AWS::IAM::Role")
    assert len(long) == 48
    assert long.startswith("environment-DatasetCustomResourceProvid")
    assert long != resource_name("environment", f"{logical_id}2", "AWS::IAM::Role")
    assert resource_name("Env", "Data666", "AWS::S3::Bucket") == "env-data666"
