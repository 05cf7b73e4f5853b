from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from sagecraft_constructs import InstanceType, InvalidProps, ProcessingInput, ProcessingOutput, TrainingInput

from tests.constructs.api_checks import assert_is_what_the_api_takes
from tests.constructs.stack import make_bucket, make_job, make_processing, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean

KIND = "Custom::SageMakerProcessingJob"


def request_of(stack: Any) -> dict[str, Any]:
    (properties,) = resources(stack, KIND)
    request: dict[str, Any] = properties["Request"]
    return request


def test_the_request_is_whole_and_its_defaults_are_safe() -> None:
    stack = make_stack()
    make_processing(stack)
    request = request_of(stack)
    (read,) = request["ProcessingInputs"]
    assert read["InputName"] == "passengers"
    assert read["S3Input"] | {"S3Uri": ""} == {
        "S3Uri": "",
        "LocalPath": "/opt/ml/processing/input/passengers",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    train, report = request["ProcessingOutputConfig"]["Outputs"]
    assert str(train["S3Output"]["S3Uri"]).endswith("'/processing/titanic/train']]}")
    assert report["S3Output"]["LocalPath"] == "/opt/ml/processing/output/report"
    assert request["AppSpecification"] == {
        "ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        "ContainerEntrypoint": ["python3", "-m", "prepare"],
        "ContainerArguments": ["--share", "0.2"],
    }
    assert request["NetworkConfig"] == {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": False,
    }
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800}
    assert_is_what_the_api_takes(request, "CreateProcessingJob", "ProcessingJobName")


def test_a_script_is_uploaded_under_its_name_and_run(tmp_path: Path) -> None:
    script = tmp_path / "prepare.py"
    script.write_text("print('one')")
    stack = make_stack()
    make_processing(stack, script=script, entry_point=())
    request = request_of(stack)
    code = request["ProcessingInputs"][0]
    assert code["InputName"] == "code"
    assert request["AppSpecification"]["ContainerEntrypoint"] == ["python3", "/opt/ml/processing/input/code/prepare.py"]
    (deployed,) = resources(stack, "Custom::CDKBucketDeployment")
    assert code["S3Input"]["S3Uri"]["Fn::Join"][1][-1] == f"/{deployed['DestinationBucketKeyPrefix']}"
    job = next(iter(Template.from_stack(stack).find_resources(KIND).values()))
    assert any(name.startswith("ProcessingCode") for name in job["DependsOn"])

    script.write_text("print('two')")
    changed = make_stack()
    make_processing(changed, script=script, entry_point=())
    assert request_of(changed)["ProcessingInputs"][0] != code


def test_optional_props_reach_the_request_and_the_template_is_clean(tmp_path: Path) -> None:
    (tmp_path / "prepare.py").write_text("")
    stack = make_stack()
    bucket = make_bucket(stack)
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    source = TrainingInput(bucket=bucket, prefix="x/", distribution="ShardedByS3Key", compression="Gzip")
    processing = make_processing(
        stack,
        bucket=bucket,
        script=tmp_path / "prepare.py",
        entry_point=(),
        inputs={"x": ProcessingInput(source=source, local_path="/opt/ml/processing/x")},
        outputs={"train": ProcessingOutput(upload_mode="Continuous", content_type="text/csv")},
        instance_count=2,
        volume_gib=50,
        volume_key=key,
        output_key=key,
        max_runtime=Duration.minutes(10),
        network_isolation=False,
        vpc=vpc,
        environment={"A": "b"},
    )
    Tags.of(processing).add("team", "data")
    make_job(stack, bucket=bucket, inputs={"train": processing.output("train")})
    request = request_of(stack)
    assert request["ProcessingInputs"][1]["S3Input"] | {"S3Uri": ""} == {
        "S3Uri": "",
        "LocalPath": "/opt/ml/processing/x",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "ShardedByS3Key",
        "S3CompressionType": "Gzip",
    }
    assert request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"] == "Continuous"
    assert "KmsKeyId" in request["ProcessingOutputConfig"]
    cluster = request["ProcessingResources"]["ClusterConfig"]
    assert (cluster["InstanceCount"], cluster["VolumeSizeInGB"]) == (2, 50)
    assert "VolumeKmsKeyId" in cluster
    network = request["NetworkConfig"]
    assert network["EnableInterContainerTrafficEncryption"] is True
    assert network["EnableNetworkIsolation"] is False
    assert network["VpcConfig"]["Subnets"] == ["subnet-0123456789abcdef0"]
    assert request["Environment"] == {"A": "b"}
    assert request["Tags"] == [{"Key": "team", "Value": "data"}]
    assert_is_what_the_api_takes(request, "CreateProcessingJob", "ProcessingJobName")
    assert_clean(stack)


def test_results_are_attributes_and_what_other_jobs_read() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    processing = make_processing(stack, bucket=bucket)
    make_job(stack, bucket=bucket, inputs={"train": processing.output("train")})
    template = Template.from_stack(stack)
    logical_id = next(iter(template.find_resources(KIND)))
    for got, attribute in {
        processing.processing_job_name: "ProcessingJobName",
        processing.processing_job_arn: "ProcessingJobArn",
        processing.exit_message: "ExitMessage",
        processing.output_uri("report"): "Outputs.report",
    }.items():
        assert stack.resolve(got) == {"Fn::GetAtt": [logical_id, attribute]}
    (training,) = template.find_resources("Custom::SageMakerTrainingJob").values()
    channel = training["Properties"]["Request"]["InputDataConfig"][0]
    assert channel["ContentType"] == "text/csv"
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == {
        "Fn::Join": ["", [{"Fn::GetAtt": [logical_id, "Outputs.train"]}, "/"]]
    }
    assert logical_id in training["DependsOn"]
    (read,) = [each for each in statements(stack, "JobRole") if each["Action"] == "s3:GetObject"]
    assert str(read["Resource"]).endswith("'/processing/titanic/train/*']]}")
    with pytest.raises(InvalidProps, match="there is no output 'test'"):
        processing.output("test")


def test_the_role_may_read_the_inputs_and_write_below_the_names_of_the_job() -> None:
    stack = make_stack()
    make_processing(stack)
    allowed = statements(stack, "ProcessingRole")
    for action, below in (("s3:GetObject", "titanic/*']]}"), ("s3:PutObject", "processing/titanic/*']]}")):
        objects = [str(each["Resource"]) for each in allowed if action in each["Action"]]
        assert [resource.rpartition("'/")[2] for resource in objects] == [below]
    assert "/aws/sagemaker/ProcessingJobs*" in str(allowed)
    functions = str(statements(stack, "SagecraftJobsRole"))
    assert "sagemaker:CreateProcessingJob" in functions
    assert "processing-job/titanic-*" in functions
    assert "iam:PassRole" in functions


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"script": "missing.py", "entry_point": ()}, "script: 'missing.py' is no file"),
        ({"script": __file__}, "entry_point: a 'script' is run by Python; leave one of the two out."),
        ({"arguments": ["a" * 257]}, "arguments: 'a+…' has 257 characters; at most 256"),
        ({"arguments": ["a"] * 101}, "arguments: should be at most 100 words, got 101."),
        ({"instance_type": InstanceType.of("ml.m5.lage")}, "'ml.m5.lage' is not an instance type for processing."),
        ({"instance_count": 101}, "instance_count: should be 1 to 100, got 101."),
        ({"volume_gib": 16385}, "volume_gib: should be 1 to 16384, got 16385."),
        ({"max_runtime": Duration.hours(1)}, "max_runtime: 3600 seconds are longer than a deployment can wait"),
        (
            {"outputs": {f"o{number}": ProcessingOutput() for number in range(11)}},
            "outputs: should be at most 10, got 11",
        ),
        ({"outputs": {"a b": ProcessingOutput()}}, "outputs: ChannelName 'a b' does not match"),
        (
            {"outputs": {"a": ProcessingOutput(local_path="/tmp/a")}},
            "'/tmp/a' is outside of /opt/ml/processing/",
        ),
        (
            {"outputs": {"a": ProcessingOutput(local_path="/opt/ml/processing/input/passengers")}},
            "'/opt/ml/processing/input/passengers' is that of 'passengers' already",
        ),
        ({"name_prefix": "Titanic"}, "name_prefix: 'Titanic' has capitals"),
    ],
)
def test_what_cannot_work_is_refused(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProps, match=message):
        make_processing(make_stack(), **props)


def test_the_scripts_own_input_and_a_mode_that_processing_lacks_are_refused() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    source = TrainingInput(bucket=bucket, prefix="x/", input_mode="FastFile")
    with pytest.raises(InvalidProps) as caught:
        make_processing(
            stack,
            bucket=bucket,
            script=__file__,
            entry_point=(),
            inputs={name: ProcessingInput(source=source) for name in ("code", *"abcdefghi")},
        )
    for part in (
        "inputs: should be at most 9 beside the script, got 10.",
        "inputs: the input 'code' is the script's own; name yours otherwise.",
        "inputs: a: a processing job has no input mode 'FastFile'; use 'File' or 'Pipe'.",
    ):
        assert part in str(caught.value)
