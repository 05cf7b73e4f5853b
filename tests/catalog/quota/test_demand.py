"""What requests and templates ask for of quotas."""

from decimal import Decimal
from typing import Any

import pytest
from sagecraft_catalog.charge.resource import StackTemplate, resources_of
from sagecraft_catalog.charge.span import Span
from sagecraft_catalog.quota.demand import JOBS, Demands, app, known_request, notebook_instance
from sagecraft_catalog.quota.need import Need, When, needs

LARGE, XLARGE = "ml.m5.large", "ml.m5.xlarge"
ALL_TRAINING = "Number of instances across all training jobs"
EACH_TRAINING = "Maximum number of instances per training job"
ACTIVE = "Number of instances across active endpoints"


def told(demands: Demands) -> dict[str, str]:
    return {demand.quota.name: demand.amount.told for demand in demands}


def of_job(kind: str, **request: Any) -> dict[str, str]:
    return told(JOBS[kind](known_request(request)))


def cluster(type_: Any = LARGE, count: Any = 1, **others: Any) -> dict[str, Any]:
    return {"InstanceType": type_, "InstanceCount": count, **others}


def test_a_training_job_asks_for_its_instances() -> None:
    assert of_job("TrainingJob", ResourceConfig=cluster(count=3)) == {
        "ml.m5.large for training job usage": "3",
        ALL_TRAINING: "3",
        EACH_TRAINING: "3",
    }


def test_groups_of_instances_count_together() -> None:
    groups = [cluster(LARGE, 1), cluster(XLARGE, 2), cluster(LARGE, 1)]
    assert of_job("TrainingJob", ResourceConfig={"InstanceGroups": groups}) == {
        "ml.m5.large for training job usage": "2",
        "ml.m5.xlarge for training job usage": "2",
        ALL_TRAINING: "4",
        EACH_TRAINING: "4",
    }


def test_spot_instances_and_warm_pools_have_quotas_of_their_own() -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html"""
    request = {"ResourceConfig": cluster(KeepAlivePeriodInSeconds=60), "EnableManagedSpotTraining": True}
    assert of_job("TrainingJob", **request) == {
        "ml.m5.large for spot training job usage": "1",
        "ml.m5.large for training warm pool usage": "1",
        "Number of instances across all spot training jobs": "1",
        "Maximum number of instances per spot training job": "1",
    }


def tuning(parallel: int, jobs: int, **others: Any) -> dict[str, Any]:
    limits = {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel}
    return {"HyperParameterTuningJobConfig": {"ResourceLimits": limits}, **others}


@pytest.mark.parametrize(("jobs", "at_once"), [(20, "8"), (3, "6")])
def test_a_tuning_job_asks_for_all_jobs_that_run_at_once(jobs: int, at_once: str) -> None:
    request = tuning(4, jobs, TrainingJobDefinition={"ResourceConfig": cluster(count=2)})
    assert of_job("HyperParameterTuningJob", **request) == {
        "ml.m5.large for training job usage": at_once,
        ALL_TRAINING: at_once,
        EACH_TRAINING: "2",
        "Maximum number of training jobs each hyper parameter tuning job can run in parallel at once": "4",
    }


def test_of_several_definitions_the_one_counts_that_asks_for_most() -> None:
    definitions = [{"ResourceConfig": cluster(LARGE, 1)}, {"ResourceConfig": cluster(XLARGE, 3)}]
    found = of_job("HyperParameterTuningJob", **tuning(2, 9, TrainingJobDefinitions=definitions))
    assert (found["ml.m5.large for training job usage"], found["ml.m5.xlarge for training job usage"]) == ("2", "6")
    assert found[ALL_TRAINING] == "6"


def test_of_a_pool_of_types_any_may_be_taken() -> None:
    pool = {"InstanceConfigs": [cluster(LARGE), cluster(XLARGE)]}
    definition = {"HyperParameterTuningResourceConfig": pool}
    found = of_job("HyperParameterTuningJob", **tuning(2, 9, TrainingJobDefinition=definition))
    assert found["ml.m5.large for training job usage"] == found["ml.m5.xlarge for training job usage"] == "0 to 2"


def test_processing_transform_and_automl_jobs() -> None:
    request = {"ProcessingResources": {"ClusterConfig": cluster("ml.t3.large", 2)}}
    assert of_job("ProcessingJob", **request) == {
        "ml.t3.large for processing job usage": "2",
        "Number of instances across all processing jobs": "2",
        "Maximum number of instances per processing job": "2",
    }
    assert of_job("TransformJob", TransformResources=cluster(count=2)) == {
        "ml.m5.large for transform job usage": "2",
        "Number of instances across all transform jobs": "2",
    }
    assert of_job("AutoMLJob") == {"Maximum number of concurrent AutoML Jobs": "1"}


def test_notebook_instances_and_apps() -> None:
    request = known_request({"InstanceType": "ml.t3.medium"})
    assert told(notebook_instance(request)) == {"ml.t3.medium for notebook instance usage": "1"}
    running = "Maximum number of running Studio apps allowed per account"
    lab = {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": "ml.t3.medium"}}
    assert told(app(known_request(lab))) == {
        "Studio JupyterLab Apps running on ml.t3.medium instances": "1",
        running: "1",
    }
    system = {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": "system"}}
    assert told(app(known_request(system))) == {running: "1"}


def of_template(resources: dict[str, Any], **others: Any) -> list[Need]:
    template = {"Parameters": {"Open": {"Type": "String"}}, "Resources": resources, **others}
    return needs(resources_of([StackTemplate("Stack", "us-east-1", template)]))


def endpoint(*variants: dict[str, Any]) -> dict[str, Any]:
    return {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": list(variants)}},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": {"Ref": "Config"}}},
    }


def variant(type_: Any = LARGE, count: int = 1, name: str = "All") -> dict[str, Any]:
    return {"VariantName": name, "InstanceType": type_, "InitialInstanceCount": count}


def test_an_endpoint_asks_for_the_instances_of_its_variants() -> None:
    (need,) = of_template(endpoint(variant(LARGE, 2, "a"), variant(XLARGE, 1, "b")))
    assert (need.when, need.resource.logical_id) == (When.STANDING, "Endpoint")
    assert told(need.demands) == {
        "ml.m5.large for endpoint usage": "2",
        "ml.m5.xlarge for endpoint usage": "1",
        ACTIVE: "3",
        "Maximum number of instances per endpoint": "3",
    }


def test_an_endpoint_that_is_scaled_asks_for_up_to_its_most() -> None:
    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "MinCapacity": 1,
            "MaxCapacity": 5,
            "ResourceId": {
                "Fn::Join": ["", ["endpoint/", {"Fn::GetAtt": ["Endpoint", "EndpointName"]}, "/variant/All"]]
            },
        },
    }
    (need,) = of_template({**endpoint(variant()), "Target": target})
    assert told(need.demands)["ml.m5.large for endpoint usage"] == "1 to 5"


def test_serverless_endpoints_ask_for_concurrency() -> None:
    (need,) = of_template(endpoint({"VariantName": "All", "ServerlessConfig": {"MaxConcurrency": 7}}))
    assert told(need.demands) == {
        "Maximum number of serverless endpoints": "1",
        "Maximum total concurrency that can be allocated across all serverless endpoints": "7",
    }


def test_an_endpoint_whose_configuration_is_elsewhere_says_that_nobody_knows() -> None:
    (need,) = of_template({"It": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": "other"}}})
    assert (need.demands, need.unknown) == ((), "its endpoint configuration stands outside of its template")


def test_a_type_that_only_aws_resolves_is_of_no_known_quota_but_counts_in_the_total() -> None:
    (need,) = of_template(endpoint(variant({"Ref": "Open"}, 2)))
    assert told(need.demands) == {ACTIVE: "2", "Maximum number of instances per endpoint": "2"}


def test_a_count_that_only_aws_resolves_is_one_or_more() -> None:
    request = {"ResourceConfig": cluster(count={"Ref": "Open"})}
    (need,) = of_template({"It": {"Type": "Custom::SageMakerTrainingJob", "Properties": {"Request": request}}})
    assert need.demands[0].amount == Span(Decimal(1), None)


def test_jobs_ask_when_they_are_deployed_or_when_somebody_starts_them() -> None:
    request = {"ResourceConfig": cluster()}
    held = '{"kind": "TrainingJob", "request": {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1}}}'
    steps = '{"Steps": [{"Type": "Training", "Arguments": {"ResourceConfig": {"InstanceType": "ml.m5.xlarge"}}}]}'
    pipeline = {"PipelineDefinition": {"PipelineDefinitionBody": steps}}
    monitored = {"MonitoringResources": {"ClusterConfig": cluster("ml.t3.large")}}
    found = of_template(
        {
            "AtOnce": {"Type": "Custom::SageMakerTrainingJob", "Properties": {"Request": request}},
            "ByHand": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": held}},
            "Pipeline": {"Type": "AWS::SageMaker::Pipeline", "Properties": pipeline},
            "Monitor": {
                "Type": "AWS::SageMaker::MonitoringSchedule",
                "Properties": {"MonitoringScheduleConfig": {"MonitoringJobDefinition": monitored}},
            },
            "Setting": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": "7"}},
        }
    )
    assert {need.resource.logical_id: (need.when, need.demands[0].quota.name) for need in found} == {
        "AtOnce": (When.DEPLOYING, "ml.m5.large for training job usage"),
        "ByHand": (When.STARTED, "ml.m5.large for training job usage"),
        "Pipeline": (When.STARTED, "ml.m5.xlarge for training job usage"),
        "Monitor": (When.STARTED, "ml.t3.large for processing job usage"),
    }


def test_notebooks_and_studio_ask_for_one_each() -> None:
    notebook = {"InstanceType": "ml.t3.medium"}
    found = of_template(
        {
            "Notebook": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": notebook},
            "Domain": {"Type": "AWS::SageMaker::Domain", "Properties": {}},
            "Ann": {"Type": "AWS::SageMaker::UserProfile", "Properties": {}},
            "Space": {"Type": "AWS::SageMaker::Space", "Properties": {}},
        }
    )
    assert {need.resource.logical_id: told(need.demands) for need in found} == {
        "Notebook": {"ml.t3.medium for notebook instance usage": "1", "Total number of notebook instances": "1"},
        "Domain": {"Total domains": "1"},
        "Ann": {"Maximum number of Studio user profiles allowed per account": "1"},
        "Space": {"Maximum number of Studio spaces allowed per account": "1"},
    }
