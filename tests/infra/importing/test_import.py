"""`sagecraft import`: what exists on the emulator, written as code, run to a template, and compared."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template
from sagecraft_infra.emulator.images import register_image
from sagecraft_infra.errors import UserError
from sagecraft_infra.hosting.noun import HOSTING
from sagecraft_infra.importing.existing import find_existing
from sagecraft_infra.importing.writing import Imported, import_existing
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.training.noun import TRAINING

ROLE = "arn:aws:iam::000000000000:role/Imported"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
OWN_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:3"
KEY = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
ON_START = "#!/bin/bash\nset -e\nprintf 'a\\tb' > /tmp/started\n"

XGBOOST_JOB: dict[str, Any] = {
    "TrainingJobName": "imported-xgboost-2024-05-06-07-08-09-123",
    "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "HyperParameters": {"num_round": "3", "eta": "0.2", "objective": "binary:logistic"},
    "InputDataConfig": [
        {
            "ChannelName": name,
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": f"s3://imported-data/{name}/",
                    "S3DataDistributionType": "FullyReplicated",
                }
            },
            "ContentType": "text/csv",
        }
        for name in ("train", "validation")
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://imported-data/models"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
    "EnableNetworkIsolation": True,
    "Tags": [{"Key": "team", "Value": "growth A"}],
}
OWN_JOB: dict[str, Any] = {
    "TrainingJobName": "Imported-Own",
    "AlgorithmSpecification": {
        "TrainingImage": OWN_IMAGE,
        "TrainingInputMode": "FastFile",
        "MetricDefinitions": [{"Name": "loss", "Regex": r'loss="([0-9.]+)"'}],
    },
    "RoleArn": ROLE,
    "HyperParameters": {"layers": "4", "rate": "1e-3", "name": "007"},
    "InputDataConfig": [
        {
            "ChannelName": "data",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": "s3://imported-data/all",
                    "S3DataDistributionType": "ShardedByS3Key",
                }
            },
            "CompressionType": "Gzip",
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://imported-results/churn/models", "KmsKeyId": KEY},
    "ResourceConfig": {
        "InstanceType": "ml.c5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 50,
        "VolumeKmsKeyId": KEY,
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 10_800},
    "VpcConfig": {"Subnets": ["subnet-00000001"], "SecurityGroupIds": ["sg-00000001"]},
    "EnableNetworkIsolation": False,
    "EnableManagedSpotTraining": True,
    "EnableInterContainerTrafficEncryption": True,
    "CheckpointConfig": {"S3Uri": "s3://imported-results/checkpoints"},
    "Environment": {"MODE": "fast"},
    "RetryStrategy": {"MaximumRetryAttempts": 2},
    "ProfilerConfig": {"S3OutputPath": "s3://imported-results/profiles"},
}
MODEL: dict[str, Any] = {
    "ModelName": "imported-model",
    "ExecutionRoleArn": ROLE,
    "PrimaryContainer": {
        "Image": XGBOOST,
        "ModelDataUrl": "s3://imported-data/models/model.tar.gz",
        "Environment": {"WORKERS": "2"},
    },
    "EnableNetworkIsolation": False,
}
ENDPOINT_CONFIG: dict[str, Any] = {
    "EndpointConfigName": "imported-config",
    "ProductionVariants": [
        {
            "VariantName": "Blue",
            "ModelName": "imported-model",
            "InstanceType": "ml.c5.large",
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 3.0,
            "ContainerStartupHealthCheckTimeoutInSeconds": 300,
        },
        {
            "VariantName": "Green",
            "ModelName": "imported-model",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1.0,
        },
    ],
    "KmsKeyId": KEY,
}
CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 50,
    "DestinationS3Uri": "s3://imported-captured/churn",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
}
NOTEBOOK: dict[str, Any] = {
    "NotebookInstanceName": "imported-notebook",
    "InstanceType": "ml.t3.large",
    "RoleArn": ROLE,
    "LifecycleConfigName": "imported-lifecycle",
    "VolumeSizeInGB": 20,
    "KmsKeyId": KEY,
    "PlatformIdentifier": "notebook-al2-v3",
    "DefaultCodeRepository": "https://github.com/aws/amazon-sagemaker-examples",
    "RootAccess": "Disabled",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}
BARE_NOTEBOOK: dict[str, Any] = {
    "NotebookInstanceName": "imported-bare",
    "InstanceType": "ml.t3.medium",
    "RoleArn": ROLE,
}


FEATURE_GROUP: dict[str, Any] = {
    "FeatureGroupName": "imported-features",
    "Description": "What customers did",
    "FeatureDefinitions": [
        {"FeatureName": "customer", "FeatureType": "String"},
        {"FeatureName": "at", "FeatureType": "Fractional"},
    ],
    "RecordIdentifierFeatureName": "customer",
    "EventTimeFeatureName": "at",
    "OnlineStoreConfig": {
        "EnableOnlineStore": True,
        "StorageType": "Standard",
        "TtlDuration": {"Unit": "Days", "Value": 30},
        "SecurityConfig": {"KmsKeyId": KEY},
    },
    "OfflineStoreConfig": {
        "S3StorageConfig": {"S3Uri": "s3://imported-data/features", "KmsKeyId": KEY},
        "DataCatalogConfig": {"Catalog": "AwsDataCatalog", "Database": "shop", "TableName": "customers"},
    },
    "RoleArn": ROLE,
    "ThroughputConfig": {
        "ThroughputMode": "Provisioned",
        "ProvisionedReadCapacityUnits": 2,
        "ProvisionedWriteCapacityUnits": 1,
    },
}


@pytest.fixture(scope="module")
def existing(sagecraft_emulator: RunningEmulator) -> RunningEmulator:
    """An account in which somebody has worked by hand."""
    for bucket in ("imported-data", "imported-results", "imported-captured"):
        sagecraft_emulator.client("s3").create_bucket(Bucket=bucket)
    for key in ("train/0", "validation/0", "all", "models/model.tar.gz"):
        sagecraft_emulator.client("s3").put_object(Bucket="imported-data", Key=key)
    register_image(sagecraft_emulator.settings.port, OWN_IMAGE, train=["false"], serve=[], process=[])
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    sagecraft_emulator.client("iam").create_role(RoleName="Imported", AssumeRolePolicyDocument=document)
    client = sagecraft_emulator.client("sagemaker")
    client.create_training_job(**XGBOOST_JOB)
    client.create_training_job(**OWN_JOB)
    client.create_model(**MODEL)
    client.create_endpoint_config(**ENDPOINT_CONFIG)
    tags = [{"Key": "stage", "Value": "prod"}]
    client.create_endpoint(EndpointName="imported-endpoint", EndpointConfigName="imported-config", Tags=tags)
    client.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="imported-lifecycle",
        OnStart=[{"Content": base64.b64encode(ON_START.encode()).decode()}],
    )
    client.create_feature_group(**FEATURE_GROUP, Tags=tags)
    client.create_notebook_instance(**NOTEBOOK)
    client.create_notebook_instance(**BARE_NOTEBOOK)
    client.create_notebook_instance(**{**BARE_NOTEBOOK, "NotebookInstanceName": "imported-twice"})
    client.create_training_job(**{**OWN_JOB, "TrainingJobName": "imported-twice"})
    return sagecraft_emulator


def imported(emulator: RunningEmulator, name: str, kinds: Sequence[Importable] = NOUNS.importables) -> Imported:
    found = find_existing(emulator.target, emulator.region, name, kinds)
    return import_existing(emulator.target, emulator.region, found)


def template_of(code: Imported) -> dict[str, Any]:
    """The template that the code makes where the resource is."""
    namespace: dict[str, Any] = {"__name__": "imported"}
    exec(compile(code.source, "imported.py", "exec"), namespace)
    (stack_class,) = (
        each for each in namespace.values() if isinstance(each, type) and issubclass(each, Stack) and each is not Stack
    )
    stack = stack_class(App(), "Imported", env=Environment(account="000000000000", region="us-east-1"))
    return dict(Template.from_stack(stack).to_json())


def resources_of(template: dict[str, Any], type_: str) -> dict[str, dict[str, Any]]:
    return {id_: each for id_, each in template["Resources"].items() if each["Type"] == type_}


def one(template: dict[str, Any], type_: str) -> Any:
    (resource,) = resources_of(template, type_).values()
    return resource["Properties"]


def assert_formatted(code: Imported, tmp_path: Path) -> None:
    file = tmp_path / "stack.py"
    file.write_text(code.source)
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--line-length", "120", str(file)]
    for command in (["format", "--check"], ["check", "--select", "E4,E7,E9,F,I,UP,C4"]):
        done = subprocess.run([*ruff, *command, *options], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def without(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in names}


def test_a_training_job_of_a_built_in_algorithm_comes_back_as_it_was(existing: RunningEmulator, tmp_path: Path) -> None:
    code = imported(existing, XGBOOST_JOB["TrainingJobName"])
    assert_formatted(code, tmp_path)
    assert 'container=AlgorithmImage(name="xgboost", version="1.7-1")' in code.source
    assert '"eta": 0.2' in code.source
    assert "Not expressed" not in code.source
    for default in (
        "instance_type",
        "instance_count",
        "volume_gib",
        "max_runtime",
        "network_isolation",
        "output_prefix",
    ):
        assert default not in code.source
    properties = one(template_of(code), "Custom::SageMakerTrainingJob")
    assert properties["NamePrefix"] == "imported-xgboost"
    channels = [{**each, "InputMode": "File", "CompressionType": "None"} for each in XGBOOST_JOB["InputDataConfig"]]
    assert properties["Request"] == {
        **without(XGBOOST_JOB, "TrainingJobName"),
        "InputDataConfig": channels,
        "EnableManagedSpotTraining": False,
        "EnableInterContainerTrafficEncryption": False,
    }
    assert code.mapping == {}


def test_a_training_job_with_everything_comes_back_as_it_was(existing: RunningEmulator, tmp_path: Path) -> None:
    code = imported(existing, "Imported-Own", TRAINING.importables)
    assert_formatted(code, tmp_path)
    assert "# Not expressed: ProfilerConfig.S3OutputPath = 's3://imported-results/profiles'" in code.source
    assert "realization=JobRealization.BY_HAND" in code.source
    parameter = one(template_of(code), "AWS::SSM::Parameter")
    held = json.loads(parameter["Value"])
    assert held["namePrefix"] == "imported-own"
    expected = without(OWN_JOB, "TrainingJobName", "ProfilerConfig")
    expected["AlgorithmSpecification"] = {**expected["AlgorithmSpecification"], "TrainingInputMode": "File"}
    expected["InputDataConfig"] = [{**expected["InputDataConfig"][0], "InputMode": "FastFile"}]
    assert held["request"] == expected


def test_an_endpoint_comes_back_with_its_configuration_and_model(existing: RunningEmulator, tmp_path: Path) -> None:
    code = imported(existing, "imported-endpoint")
    assert_formatted(code, tmp_path)
    assert "Not expressed" not in code.source
    template = template_of(code)
    assert one(template, "AWS::SageMaker::Model") == MODEL
    config = one(template, "AWS::SageMaker::EndpointConfig")
    (model_id,) = resources_of(template, "AWS::SageMaker::Model")
    for variant in config["ProductionVariants"]:
        assert variant.pop("ModelName") == {"Fn::GetAtt": [model_id, "ModelName"]}
    variants = [without(each, "ModelName") for each in ENDPOINT_CONFIG["ProductionVariants"]]
    assert config == {**ENDPOINT_CONFIG, "ProductionVariants": variants}
    endpoint = one(template, "AWS::SageMaker::Endpoint")
    assert endpoint["EndpointName"] == "imported-endpoint"
    assert endpoint["Tags"] == [{"Key": "stage", "Value": "prod"}]


class _DescribedTarget(Target):
    """The emulator, where an endpoint configuration has what the emulator refuses to run."""

    def sagemaker(self, region: str) -> Any:
        client = super().sagemaker(region)
        client.meta.events.register("after-call.sagemaker.DescribeEndpointConfig", self._extend)
        return client

    @staticmethod
    def _extend(parsed: dict[str, Any], **_: Any) -> None:
        parsed["DataCaptureConfig"] = CAPTURE
        serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
        parsed["ProductionVariants"] = [
            {
                "VariantName": "AllTraffic",
                "ModelName": "imported-model",
                "ServerlessConfig": serverless,
                "CoreDumpConfig": {"DestinationS3Uri": "s3://dumps/here"},
            }
        ]


def test_what_a_construct_has_no_prop_for_is_set_on_its_resource(existing: RunningEmulator, tmp_path: Path) -> None:
    target = _DescribedTarget(TargetName.LOCAL, existing.target.project)
    found = find_existing(target, "us-east-1", "imported-endpoint", NOUNS.importables)
    code = import_existing(target, "us-east-1", found)
    assert_formatted(code, tmp_path)
    config = one(template_of(code), "AWS::SageMaker::EndpointConfig")
    assert config["DataCaptureConfig"] == CAPTURE
    (variant,) = config["ProductionVariants"]
    assert without(variant, "ModelName") == {
        "VariantName": "AllTraffic",
        "InitialVariantWeight": 1,
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
    }
    assert "# Not expressed: ProductionVariants.0.CoreDumpConfig.DestinationS3Uri = 's3://dumps/here'" in code.source


def test_the_mapping_names_every_resource_of_the_template_and_no_other(existing: RunningEmulator) -> None:
    for name in ("imported-endpoint", "imported-notebook", "imported-bare"):
        code = imported(existing, name)
        assert code.mapping.keys() == template_of(code)["Resources"].keys()
    mapping = imported(existing, "imported-notebook").mapping
    (notebook,) = (each for each in mapping.values() if "NotebookInstanceArn" in each)
    assert notebook["NotebookInstanceArn"].endswith(":notebook-instance/imported-notebook")


def test_a_notebook_instance_comes_back_with_its_lifecycle_scripts(existing: RunningEmulator, tmp_path: Path) -> None:
    code = imported(existing, "imported-notebook")
    assert_formatted(code, tmp_path)
    template = template_of(code)
    (lifecycle_id,) = resources_of(template, "AWS::SageMaker::NotebookInstanceLifecycleConfig")
    properties = one(template, "AWS::SageMaker::NotebookInstance")
    assert properties.pop("LifecycleConfigName") == {
        "Fn::GetAtt": [lifecycle_id, "NotebookInstanceLifecycleConfigName"]
    }
    assert properties == {**without(NOTEBOOK, "LifecycleConfigName"), "DirectInternetAccess": "Enabled"}
    lifecycle = one(template, "AWS::SageMaker::NotebookInstanceLifecycleConfig")
    assert lifecycle["OnStart"] == [{"Content": {"Fn::Base64": ON_START}}]
    assert "OnCreate" not in lifecycle


def test_what_a_notebook_instance_does_not_have_is_not_added(existing: RunningEmulator) -> None:
    code = imported(existing, "imported-bare")
    assert "would make one" in code.source
    described = existing.client("sagemaker").describe_notebook_instance(NotebookInstanceName="imported-bare")
    properties = one(template_of(code), "AWS::SageMaker::NotebookInstance")
    assert "KmsKeyId" not in properties
    assert "LifecycleConfigName" not in properties
    assert properties["RootAccess"] == described["RootAccess"] == "Enabled"
    for name in ("PlatformIdentifier", "VolumeSizeInGB", "InstanceType", "DirectInternetAccess"):
        assert properties.get(name) == described.get(name)


def test_a_feature_group_comes_back_as_it_was(existing: RunningEmulator, tmp_path: Path) -> None:
    code = imported(existing, "imported-features")
    assert_formatted(code, tmp_path)
    assert "Not expressed" not in code.source
    template = template_of(code)
    tags = [{"Key": "stage", "Value": "prod"}]
    assert one(template, "AWS::SageMaker::FeatureGroup") == {**FEATURE_GROUP, "Tags": tags}
    (id_,) = resources_of(template, "AWS::SageMaker::FeatureGroup")
    assert code.mapping == {id_: {"FeatureGroupName": "imported-features"}}


def test_a_name_that_does_not_exist_is_refused_with_those_that_are_near(existing: RunningEmulator) -> None:
    with pytest.raises(UserError) as raised:
        find_existing(existing.target, "us-east-1", "imported-endpont", NOUNS.importables)
    assert str(raised.value).startswith(
        "There is no training job, endpoint, notebook instance, model package group or feature group "
        "'imported-endpont' in us-east-1. Did you mean 'imported-endpoint'"
    )
    with pytest.raises(UserError, match=r"no endpoint 'imported-bare' in us-east-1\. Did you mean 'imported-endpoint'"):
        find_existing(existing.target, "us-east-1", "imported-bare", HOSTING.importables)
    with pytest.raises(UserError, match="eu-west-1 has none at all; is it the right region"):
        find_existing(existing.target, "eu-west-1", "imported-bare", NOUNS.importables)


def test_a_name_of_several_kinds_asks_which(existing: RunningEmulator) -> None:
    with pytest.raises(UserError, match=r"Say which: --kind training-job or --kind notebook$"):
        find_existing(existing.target, "us-east-1", "imported-twice", NOUNS.importables)
    notebook = next(each for each in NOUNS.importables if each.name == "notebook")
    assert find_existing(existing.target, "us-east-1", "imported-twice", [notebook]).kind is notebook


def test_the_command_writes_both_files_and_refuses_what_it_cannot_do(existing: RunningEmulator, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).with_name("sagecraft")), "import", *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                "SAGECRAFT_PORT": str(existing.settings.port),
                "SAGECRAFT_STATE_DIR": str(existing.settings.state_dir),
                "AWS_REGION": "us-east-1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    done = run("imported-notebook", "--output", "notebook.py")
    assert (done.returncode, done.stdout) == (0, "notebook.py\n"), done.stderr
    assert "cdk import --app 'python notebook.py' --resource-mapping notebook.import.json" in done.stderr
    assert (tmp_path / "notebook.py").read_text() == imported(existing, "imported-notebook").source
    assert len(json.loads((tmp_path / "notebook.import.json").read_text())) == 2

    unknown = run("imported-notebook", "--kind", "bucket")
    assert unknown.returncode == 2
    assert "'bucket' is not one of 'training-job', 'endpoint', 'notebook'" in unknown.stderr
    wrong = run("imported-notebook", "--output", "notebook.json")
    assert (wrong.returncode, wrong.stderr) == (2, "Error: --output: 'notebook.json' must end in .py.\n")
