from typing import Any

import pytest
from aws_cdk import Duration, Tags, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    ExecutionRole,
    InstanceType,
    InvalidProps,
    Model,
    TrainingContainer,
    TrainingInput,
    TrainingJob,
)

from tests.constructs.stack import make_bucket, make_job, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean

BUCKET = Match.string_like_regexp("^Bucket")


def test_the_request_is_whole_and_its_defaults_are_safe_and_cheap() -> None:
    stack = make_stack()
    job = make_job(stack)
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    bucket = {"Ref": stack.get_logical_id(job.model_data.bucket.node.default_child)}  # type: ignore[arg-type]  # a CfnBucket
    role = {"Fn::GetAtt": [stack.get_logical_id(job.role.node.default_child), "Arn"]}  # type: ignore[arg-type]  # a CfnRole
    assert properties["NamePrefix"] == "titanic"
    assert properties["Request"] == {
        "AlgorithmSpecification": {
            "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
            "TrainingInputMode": "File",
        },
        "RoleArn": role,
        "HyperParameters": {"num_round": "10", "objective": "binary:logistic", "eta": "0.3"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": {"Fn::Join": ["", ["s3://", bucket, "/titanic/train/"]]},
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
                "ContentType": "text/csv",
                "InputMode": "File",
                "CompressionType": "None",
            }
        ],
        "OutputDataConfig": {"S3OutputPath": {"Fn::Join": ["", ["s3://", bucket, "/models"]]}},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
        "EnableNetworkIsolation": True,
        "EnableManagedSpotTraining": False,
        "EnableInterContainerTrafficEncryption": False,
    }


def test_optional_props_reach_the_request() -> None:
    stack = make_stack()
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    make_job(
        stack,
        instance_count=2,
        instance_type=InstanceType.of("ml.c5.xlarge"),
        volume_key=key,
        output_key=key,
        max_runtime=Duration.minutes(10),
        max_wait=Duration.minutes(20),
        checkpoints_prefix="checkpoints",
        network_isolation=False,
        vpc=vpc,
        metric_definitions={"loss": "loss=(.*)"},
        environment={"A": "b"},
    )
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    request = properties["Request"]
    arn = {"Fn::GetAtt": [stack.get_logical_id(key.node.default_child), "Arn"]}  # type: ignore[arg-type]  # a CfnKey
    assert request["AlgorithmSpecification"]["MetricDefinitions"] == [{"Name": "loss", "Regex": "loss=(.*)"}]
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.c5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 30,
        "VolumeKmsKeyId": arn,
    }
    assert request["OutputDataConfig"]["KmsKeyId"] == arn
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200}
    assert request["VpcConfig"]["Subnets"] == ["subnet-0123456789abcdef0"]
    assert len(request["VpcConfig"]["SecurityGroupIds"]) == 1
    assert request["Environment"] == {"A": "b"}
    assert request["EnableManagedSpotTraining"] is True
    assert request["EnableInterContainerTrafficEncryption"] is True
    assert request["EnableNetworkIsolation"] is False
    assert "checkpoints" in str(request["CheckpointConfig"]["S3Uri"])
    assert_clean(stack)


def test_tags_reach_the_request() -> None:
    stack = make_stack()
    make_job(stack)
    Tags.of(stack).add("team", "data")
    Tags.of(stack).add("cost", "1")
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    assert properties["Request"]["Tags"] == [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "data"}]


def test_the_role_may_do_exactly_what_the_job_needs() -> None:
    stack = make_stack()
    make_job(stack)
    allowed = statements(stack, "JobRole")
    assert {action for each in allowed for action in _listed(each["Action"])} == {
        "s3:ListBucket",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetAuthorizationToken",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "cloudwatch:PutMetricData",
    }
    everywhere = {action for each in allowed if each["Resource"] == "*" for action in _listed(each["Action"])}
    assert everywhere == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}
    (write,) = [each for each in allowed if "s3:PutObject" in each["Action"]]
    assert str(write["Resource"]).endswith("'/models/titanic-*']]}")
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": {"Service": "sagemaker.amazonaws.com"},
                        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
                    }
                ],
                "Version": "2012-10-17",
            },
            "ManagedPolicyArns": Match.absent(),
        },
    )


def test_the_function_may_run_the_jobs_of_its_names_under_the_one_role() -> None:
    stack = make_stack()
    make_job(stack)
    allowed = statements(stack, "SagecraftJobsRole")
    (run,) = [each for each in allowed if "sagemaker:CreateTrainingJob" in each["Action"]]
    assert str(run["Resource"]).endswith(":sagemaker:us-east-1:123456789012:training-job/titanic-*']]}")
    assert "sagemaker:AddTags" in run["Action"]
    (pass_role,) = [each for each in allowed if each["Action"] == "iam:PassRole"]
    assert pass_role["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert pass_role["Resource"]["Fn::GetAtt"][0].startswith("JobRole")


def test_the_job_waits_for_the_policies() -> None:
    stack = make_stack()
    make_job(stack)
    (job,) = Template.from_stack(stack).find_resources("Custom::SageMakerTrainingJob").values()
    for policy in ("JobRoleDefaultPolicy", "SagecraftJobsRoleDefaultPolicy"):
        assert any(name.startswith(policy) for name in job["DependsOn"])


def test_two_jobs_share_one_provider() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    make_job(stack, "One", bucket, name_prefix="one")
    make_job(stack, "Two", bucket, name_prefix="two")
    Template.from_stack(stack).resource_count_is("AWS::StepFunctions::StateMachine", 1)
    assert_clean(stack)


def test_a_job_in_another_stack_than_its_bucket_has_no_finding() -> None:
    data = make_stack(name="Data")
    job = make_stack(name="Training", app=data.node.root)  # type: ignore[arg-type]  # the root is an App
    make_job(job, bucket=make_bucket(data))
    assert_clean(job)


def test_a_region_that_is_a_token_is_looked_up() -> None:
    from aws_cdk import App, Stack

    stack = Stack(App(), "Anywhere")
    make_job(stack)
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    image = properties["Request"]["AlgorithmSpecification"]["TrainingImage"]
    assert {"Fn::FindInMap": ["Xgboost171TrainingImages", {"Ref": "AWS::Region"}, "account"]} in image["Fn::Join"][1]
    mapping = Template.from_stack(stack).to_json()["Mappings"]["Xgboost171TrainingImages"]
    assert mapping["eu-west-1"] == {"account": "141502667606"}
    assert_clean(stack)


def test_attributes_are_read_from_the_job() -> None:
    stack = make_stack()
    job = make_job(stack)
    logical_id = next(iter(Template.from_stack(stack).find_resources("Custom::SageMakerTrainingJob")))
    assert stack.resolve(job.s3_model_artifacts) == {"Fn::GetAtt": [logical_id, "S3ModelArtifacts"]}
    assert stack.resolve(job.training_job_name) == {"Fn::GetAtt": [logical_id, "TrainingJobName"]}
    assert stack.resolve(job.metric_value("validation:auc")) == {"Fn::GetAtt": [logical_id, "Metrics.validation_auc"]}
    with pytest.raises(InvalidProps, match=r"there is no metric 'validation:acu'. Did you mean .*validation:auc"):
        job.metric_value("validation:acu")


def test_metrics_are_of_the_job() -> None:
    stack = make_stack()
    job = make_job(stack)
    metric = job.metric("validation:auc")
    assert (metric.namespace, metric.metric_name) == ("/aws/sagemaker/TrainingJobs", "validation:auc")
    assert list(metric.dimensions or {}) == ["TrainingJobName"]
    host = stack.resolve(job.metric_cpu_utilization().dimensions)
    assert host["Host"]["Fn::Join"][1][1] == "/algo-1"


def test_grants_name_the_job_and_its_artefacts() -> None:
    stack = make_stack()
    job = make_job(stack)
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    job.grant_describe(reader)
    job.grant_read_artifacts(reader)
    describe = statements(stack, "ReaderDefaultPolicy")[0]
    assert describe["Action"] == "sagemaker:DescribeTrainingJob"
    assert describe["Resource"]["Fn::GetAtt"][1] == "TrainingJobArn"


def test_an_existing_role_gets_the_permissions() -> None:
    stack = make_stack()
    role = ExecutionRole.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/Existing")
    make_job(stack, role=role)
    Template.from_stack(stack).has_resource_properties("AWS::IAM::Policy", {"Roles": ["Existing"]})
    assert_clean(stack)


def test_every_problem_is_told_at_once() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    with pytest.raises(InvalidProps) as caught:
        make_job(
            stack,
            bucket=bucket,
            hyperparameters={"num_rounds": 10, "eta": 3},
            instance_type=InstanceType.of("ml.m5.lage"),
            instance_count=0,
            max_runtime=Duration.hours(2),
            name_prefix="Titanic",
            inputs={
                "tr ain": TrainingInput(bucket=bucket, prefix="x/", content_type="text/cvs"),
            },
        )
    message = str(caught.value)
    assert message.startswith("TrainingJob 'Stack/Job': ")
    for part in (
        "num_rounds: not a hyperparameter of xgboost. Did you mean 'num_round'",
        "hyperparameters: num_round: required, but not given.",
        "hyperparameters: eta:",
        "'ml.m5.lage' is not an instance type for training.",
        "instance_count: should be at least 1, got 0.",
        "max_runtime: 7200 seconds are longer than a deployment can wait",
        "ModelData.from_bucket",
        "name_prefix: 'Titanic' has capitals",
        "ChannelName 'tr ain'",
        "content type 'text/cvs' of channel 'tr ain' is none that xgboost reads",
    ):
        assert part in message


def test_tokens_are_not_looked_at() -> None:
    stack = make_stack()
    make_job(
        stack,
        hyperparameters={"num_round": Token.as_string({"Ref": "Rounds"}), "eta": Token.as_number({"Ref": "Eta"})},
        instance_type=InstanceType.of(Token.as_string({"Ref": "Type"})),
        instance_count=Token.as_number({"Ref": "Count"}),
    )
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    assert properties["Request"]["HyperParameters"] == {"num_round": {"Ref": "Rounds"}, "eta": {"Ref": "Eta"}}
    assert properties["Request"]["ResourceConfig"]["InstanceCount"] == {"Ref": "Count"}


def test_a_latest_version_is_refused() -> None:
    with pytest.raises(ValueError, match="xgboost version 'latest' is refused"):
        AlgorithmImage(name="xgboost", version="latest")


@pytest.mark.parametrize("props", [{"subnets": []}, {"security_groups": []}])
def test_subnets_without_a_vpc_are_refused(props: dict[str, Any]) -> None:
    with pytest.raises(InvalidProps, match="vpc: 'subnets' and 'security_groups' need it"):
        make_job(make_stack(), **props)


def test_a_job_of_an_existing_image() -> None:
    stack = make_stack()
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
    make_job(stack, container=TrainingContainer.from_image_uri(uri), hyperparameters={"any": True})
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    assert properties["Request"]["AlgorithmSpecification"]["TrainingImage"] == uri
    assert properties["Request"]["HyperParameters"] == {"any": "true"}
    (pull,) = [each for each in statements(stack, "JobRole") if "ecr:BatchGetImage" in each["Action"]]
    assert str(pull["Resource"]).endswith(":ecr:us-east-1:123456789012:repository/mine']]}")


def test_a_long_path_still_makes_a_name() -> None:
    stack = make_stack(name="A" * 60)
    job = make_job(stack, "B" * 60, DataBucket(stack, "Bucket"), name_prefix=None)
    assert len(job.name_prefix) <= 49
    assert job.name_prefix == job.name_prefix.lower()


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_an_existing_job_is_known_by_its_name() -> None:
    stack = make_stack()
    job = TrainingJob.from_training_job_name(stack, "Job", "existing")
    assert job.training_job_name == "existing"
    assert str(stack.resolve(job.training_job_arn)).endswith("training-job/existing']]}")
    assert job.metric("validation:auc").dimensions == {"TrainingJobName": "existing"}


def test_a_built_in_algorithm_is_declared_as_xgboost_is() -> None:
    stack = make_stack()
    job = make_job(
        stack,
        container=AlgorithmImage(name="kmeans", version="1"),
        hyperparameters={"k": 10, "feature_dim": 784, "eval_metrics": '["msd", "ssd"]'},
    )
    Model(stack, "Model", container=AlgorithmImage(name="kmeans", version="1"), model_data=job.model_data)
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"
    assert properties["Request"]["AlgorithmSpecification"]["TrainingImage"] == image
    assert properties["Request"]["EnableNetworkIsolation"] is True
    (model,) = resources(stack, "AWS::SageMaker::Model")
    assert model["PrimaryContainer"]["Image"] == image


def test_every_problem_of_a_built_in_algorithm_is_told_when_it_is_declared() -> None:
    channel = TrainingInput(bucket=make_bucket(make_stack()), prefix="x/", content_type="text/csv")
    with pytest.raises(InvalidProps) as raised:
        make_job(
            make_stack(),
            container=AlgorithmImage(name="semantic-segmentation", version="1"),
            hyperparameters={"num_clases": 2},
            instance_count=2,
            inputs={"train": channel},
        )
    for told in (
        "num_clases: not a hyperparameter of semantic-segmentation. Did you mean 'num_classes'",
        "num_training_samples: required",
        "instance_count: semantic-segmentation trains on one instance only",
        "instance_type: semantic-segmentation trains on GPUs only, and 'ml.m5.large' has none",
        "content type 'text/csv' of channel 'train' is none that semantic-segmentation reads",
    ):
        assert told in str(raised.value)


def test_a_spot_job_of_an_algorithm_without_checkpoints_waits_for_an_hour_at_most() -> None:
    with pytest.raises(InvalidProps, match=r"max_wait: pca keeps no checkpoints, .* 3600 seconds at most"):
        make_job(
            make_stack(),
            container=AlgorithmImage(name="pca", version="1"),
            hyperparameters={"feature_dim": 9, "num_components": 2, "mini_batch_size": 9},
            max_runtime=Duration.minutes(30),
            max_wait=Duration.hours(2),
        )


def test_an_algorithm_of_awss_needs_its_channel() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    inputs = {"training": TrainingInput(bucket=bucket, prefix="titanic/train/", content_type="text/csv")}
    with pytest.raises(InvalidProps, match="inputs: xgboost trains on the channel 'train', got 'training'"):
        make_job(stack, bucket=bucket, inputs=inputs)
