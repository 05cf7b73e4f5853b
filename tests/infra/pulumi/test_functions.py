"""Intrinsic functions as Outputs of Pulumi."""

import json
from typing import Any

import pulumi
import pytest
from sagecraft_infra.errors import UserError
from sagecraft_infra.pulumi import NotExpressible

from .engine import ACCOUNT, REGION, Engine
from .templates import outputs_of, registered

TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"


@pytest.fixture
def engine() -> Engine:
    return Engine(
        outputs={"aws-native:sns:Topic": {"topicArn": TOPIC_ARN}},
        answers={
            "aws-native:index:getAzs": {"azs": ["eu-west-1a", "eu-west-1b"]},
            "aws-native:index:cidr": {"subnets": ["10.0.0.0/24", "10.0.1.0/24"]},
            "aws:cloudformation/getExport:getExport": {"value": "imported"},
            "aws-native:index:getSsmParameterString": {"value": "ami-1"},
            "aws-native:index:getSsmParameterList": {"value": ["subnet-1", "subnet-2"]},
        },
    )


def test_references_are_the_outputs_of_resources(engine: Engine) -> None:
    found = outputs_of(
        {
            "Ref": {"Ref": "Topic"},
            "List": {"Fn::GetAtt": ["Topic", "TopicArn"]},
            "Dotted": {"Fn::GetAtt": "Topic.TopicName"},
            "Sub": {"Fn::Sub": "${Topic}/${Topic.TopicName}/${!Kept}/${Given}/${AWS::Region}"},
            "SubWith": {"Fn::Sub": ["${Given}-${Mine}", {"Mine": {"Fn::GetAtt": ["Topic", "TopicName"]}}]},
        },
        engine,
        inputs={"Given": pulumi.Output.from_input("value")},
        Parameters={"Given": {"Type": "String"}},
    )
    assert found == {
        "Ref": "app-Topic-id",
        "List": TOPIC_ARN,
        "Dotted": "news",
        "Sub": "app-Topic-id/news/${Kept}/value/eu-west-1",
        "SubWith": "value-news",
    }


def test_texts_and_lists(engine: Engine) -> None:
    arn = {"Fn::GetAtt": ["Topic", "TopicArn"]}
    found = outputs_of(
        {
            "Join": {"Fn::Join": ["|", ["a", {"Ref": "AWS::AccountId"}, 3, True]]},
            "Select": {"Fn::Select": ["5", {"Fn::Split": [":", arn]}]},
            "SelectOfList": {"Fn::Select": [1, ["a", {"Ref": "Topic"}]]},
            "Split": {"Fn::Split": ["-", "a-b"]},
            "Base64": {"Fn::Base64": {"Fn::Sub": "in ${AWS::Region}"}},
            "Length": {"Fn::Length": {"Fn::Split": [":", arn]}},
            "Json": {"Fn::ToJsonString": {"Arn": arn}},
            "Azs": {"Fn::GetAZs": ""},
            "Cidr": {"Fn::Cidr": ["10.0.0.0/16", "2", 8]},
        },
        engine,
        Transform="AWS::LanguageExtensions",
    )
    assert found == {
        "Join": f"a|{ACCOUNT}|3|true",
        "Select": "news",
        "SelectOfList": "app-Topic-id",
        "Split": ["a", "b"],
        "Base64": "aW4gZXUtd2VzdC0x",
        "Length": 6,
        "Json": json.dumps({"Arn": TOPIC_ARN}, separators=(",", ":")),
        "Azs": ["eu-west-1a", "eu-west-1b"],
        "Cidr": ["10.0.0.0/24", "10.0.1.0/24"],
    }
    assert ("aws-native:index:cidr", {"ipBlock": "10.0.0.0/16", "count": 2, "cidrBits": 8}) in engine.asked


def test_the_account_is_asked_once_for_each_pseudo_parameter(engine: Engine) -> None:
    names = ["AccountId", "Region", "Partition", "URLSuffix", "StackName", "StackId"]
    found = outputs_of({name: {"Ref": f"AWS::{name}"} for name in names}, engine)
    stack_id = found.pop("StackId")
    assert found == {
        "AccountId": ACCOUNT,
        "Region": REGION,
        "Partition": "aws",
        "URLSuffix": "amazonaws.com",
        "StackName": "app",
    }
    assert stack_id.startswith(f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/app/")
    assert len(engine.asked) == 4


def test_parameters_are_inputs_or_defaults_as_text(engine: Engine) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "Count": {"Type": "Number"},
        "Fast": {"Type": "String", "Default": "yes"},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Ids": {"Type": "List<AWS::EC2::Subnet::Id>"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/image"},
        "Subnets": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/subnets"},
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        },
    }
    found = outputs_of(
        {name: {"Ref": name} for name in kinds if name != "BootstrapVersion"},
        engine,
        inputs={"Count": pulumi.Output.from_input(3), "Ids": [pulumi.Output.from_input("s-1"), "s-2"]},
        Parameters=kinds,
        Rules={"CheckBootstrapVersion": {"Assertions": []}},
    )
    assert found == {
        "Count": "3",
        "Fast": "yes",
        "Names": ["a", "b"],
        "Ids": ["s-1", "s-2"],
        "Image": "ami-1",
        "Subnets": ["subnet-1", "subnet-2"],
    }
    assert sorted(arguments["name"] for _, arguments in engine.asked) == ["/image", "/subnets"]


CONDITIONS = {
    "InIreland": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]},
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "Both": {"Fn::And": [{"Condition": "InIreland"}, {"Condition": "IsProd"}]},
    "Either": {"Fn::Or": [{"Condition": "InIreland"}, {"Condition": "IsProd"}]},
    "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
}


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("prod", {"InIreland": 1, "IsProd": 1, "Both": 1, "Either": 1, "NotProd": 0}),
        ("dev", {"InIreland": 1, "IsProd": 0, "Both": 0, "Either": 1, "NotProd": 1}),
    ],
)
def test_conditions_choose_when_they_are_known(engine: Engine, stage: str, expected: dict[str, int]) -> None:
    found = outputs_of(
        {name: {"Fn::If": [name, 1, 0]} for name in CONDITIONS},
        engine,
        inputs={"Stage": stage},
        Parameters={"Stage": {"Type": "String"}},
        Conditions=CONDITIONS,
    )
    assert found == expected


def test_no_value_leaves_out_properties_and_items_even_where_that_turns_out_later(engine: Engine) -> None:
    nothing = {"Ref": "AWS::NoValue"}
    policy = {
        "Plain": nothing,
        "Kept": {"Fn::If": ["InIreland", "here", nothing]},
        "Dropped": {"Fn::If": ["Elsewhere", "there", nothing]},
        "Items": ["a", nothing, {"Fn::If": ["Elsewhere", "b", nothing]}, {"Fn::If": ["InIreland", "c", nothing]}],
    }
    registered(
        {
            "Conditions": {
                "InIreland": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]},
                "Elsewhere": {"Fn::Not": [{"Condition": "InIreland"}]},
            },
            "Resources": {
                "Topic": {
                    "Type": "AWS::SNS::Topic",
                    "Properties": {
                        "ArchivePolicy": policy,
                        "DisplayName": {"Fn::If": ["Elsewhere", "name", nothing]},
                        "TopicName": nothing,
                    },
                }
            },
        },
        engine,
    )
    assert engine.one("aws-native:sns:Topic").inputs == {"archivePolicy": {"Kept": "here", "Items": ["a", "c"]}}


def test_a_resource_is_left_out_by_its_condition(engine: Engine) -> None:
    content = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "IsProd"}},
        "Outputs": {"Name": {"Value": {"Ref": "Topic"}, "Condition": "IsProd"}},
    }
    assert registered(content, engine, inputs={"Stage": "dev"}) == {}
    assert engine.of_type("aws-native:sns:Topic") == []
    assert registered(content, engine, inputs={"Stage": "prod"}) == {"Name": "app-Topic-id"}


def test_mappings_and_imports(engine: Engine) -> None:
    content = {
        "Mappings": {"Images": {REGION: {"uri": "image"}}},
        "Resources": {},
        "Outputs": {
            "Image": {"Value": {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "uri"]}},
            "Default": {"Value": {"Fn::FindInMap": ["Images", "us-east-1", "uri", {"DefaultValue": "none"}]}},
            "Own": {"Value": {"Fn::ImportValue": "mine"}},
            "Foreign": {"Value": {"Fn::ImportValue": {"Fn::Sub": "theirs-${AWS::Region}"}}},
        },
    }
    found = registered(content, engine, exports={"mine": "own"})
    assert found == {"Image": "image", "Default": "none", "Own": "own", "Foreign": "imported"}
    assert ("aws:cloudformation/getExport:getExport", {"name": f"theirs-{REGION}"}) in engine.asked


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"Fn::Transform": {"Name": "AWS::Include"}}, "Pulumi cannot express Fn::Transform of"),
        ({"Ref": "Nothing"}, "there is no resource or parameter 'Nothing' in the stack 'app'."),
        (
            {"Fn::GetAtt": ["Topic", "Colour"]},
            "'Topic' (AWS::SNS::Topic) has no attribute 'Colour' in Pulumi. It has: ",
        ),
        ({"Fn::Select": [2, ["a"]]}, "Fn::Select asks for item 2 of a list of 1."),
        (
            {"Fn::FindInMap": ["Images", "mars", "uri"]},
            "the mapping 'Images' has nothing for 'mars', 'uri'; it knows",
        ),
        ({"Fn::If": ["Missing", 1, 2]}, "the template has no condition 'Missing'."),
        ("{{resolve:secretsmanager:db:SecretString}}", "the dynamic reference"),
    ],
)
def test_what_cannot_be_expressed_is_refused_by_resource_and_property(engine: Engine, value: Any, problem: str) -> None:
    content = {
        "Mappings": {"Images": {"eu": {"uri": "image"}}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Other": {
                "Type": "AWS::SNS::Topic",
                "DependsOn": "Topic",
                "Properties": {"Subscription": [{"Endpoint": value, "Protocol": "email"}]},
            },
        },
    }
    with pytest.raises(NotExpressible) as refused:
        registered(content, engine)
    start = "resource 'Other' (AWS::SNS::Topic), property Subscription[0].Endpoint: "
    assert str(refused.value).startswith(start + problem)


def test_a_condition_that_turns_out_too_late_is_refused(engine: Engine) -> None:
    content = {
        "Conditions": {"InIreland": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "InIreland"}},
    }
    with pytest.raises(NotExpressible, match=r"'Topic' \(AWS::SNS::Topic\), property Condition: .* only while"):
        registered(content, engine)


def test_an_output_that_is_not_there_makes_no_text(engine: Engine) -> None:
    engine.outputs = {}
    with pytest.raises(NotExpressible, match="output 'Url': a part of the text is an output that its resource has not"):
        outputs_of({"Url": {"Fn::Join": ["", ["s3://", {"Fn::GetAtt": ["Topic", "TopicArn"]}]]}}, engine)


def test_inputs_and_parameters_have_to_fit(engine: Engine) -> None:
    parameters = {"Title": {"Type": "String"}}
    with pytest.raises(
        UserError, match=r"no parameters Titel, which inputs names\. Did you mean Title\? It has: Title\."
    ):
        outputs_of({}, engine, inputs={"Titel": "x"}, Parameters=parameters)
    with pytest.raises(UserError, match=r"The parameters Title of the stack 'app' have neither a default nor an input"):
        outputs_of({}, engine, Parameters=parameters)
