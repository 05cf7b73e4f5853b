"""The resources `AutoMLJobV2` and `AutoMLJob` of `sagemaker.core`: v3 has AutoML in this form alone.

It writes members of a shape such as `AutoMLAlgorithms` as `AutoMlAlgorithms`, which botocore refuses, so that with v3
neither algorithms nor the whole time of a job can be chosen, of AWS's jobs as of these.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from sagemaker.core.resources import AutoMLJob, AutoMLJobV2, Model
from sagemaker.core.shapes import (
    AutoMLDataSource,
    AutoMLJobChannel,
    AutoMLJobCompletionCriteria,
    AutoMLOutputDataConfig,
    AutoMLProblemTypeConfig,
    AutoMLS3DataSource,
    ContainerDefinition,
    TabularJobConfig,
)

from tests.sdk.conftest import Flowers, Objects


def test_a_job_is_created_waited_for_described_and_its_candidates_are_listed(
    role: str, objects: Objects, flowers: Flowers, unique: Callable[[str], str]
) -> None:
    rows = [
        f"{'grows' if label else 'fades'},{','.join(map(str, row))}"
        for label, row in zip(flowers.labels[:200], flowers.features[:200], strict=True)
    ]
    train = objects.put("v3-automl/train/rows.csv", "\n".join(["label,a,b,c,d", *rows]).encode())
    source = AutoMLS3DataSource(s3_data_type="S3Prefix", s3_uri=train.removesuffix("rows.csv"))
    name = unique("automl")
    job = AutoMLJobV2.create(
        auto_ml_job_name=name,
        auto_ml_job_input_data_config=[
            AutoMLJobChannel(channel_type="training", data_source=AutoMLDataSource(s3_data_source=source))
        ],
        output_data_config=AutoMLOutputDataConfig(s3_output_path=f"s3://{objects.bucket}/v3-automl/output"),
        auto_ml_problem_type_config=AutoMLProblemTypeConfig(
            tabular_job_config=TabularJobConfig(
                target_attribute_name="label",
                mode="ENSEMBLING",
                completion_criteria=AutoMLJobCompletionCriteria(max_candidates=2),
            )
        ),
        role_arn=role,
    )
    assert job.auto_ml_job_status == "InProgress"
    job.wait(poll=1, timeout=600)
    assert (job.auto_ml_job_status, job.auto_ml_job_secondary_status) == ("Completed", "MaxCandidatesReached")
    assert (
        job.resolved_attributes.auto_ml_problem_type_resolved_attributes.tabular_resolved_attributes.problem_type
        == ("BinaryClassification")
    )
    best = job.best_candidate
    assert best.final_auto_ml_job_objective_metric.value > 0.8
    (container,) = best.inference_containers
    assert objects.get(container.model_data_url)
    again = AutoMLJobV2.get(name)
    assert again.best_candidate == best
    assert again.auto_ml_problem_type_config.tabular_job_config.target_attribute_name == "label"
    # `AutoMLJob.get_all` describes each job by DescribeAutoMLJob, which describes none of the second version's.
    listed = AutoMLJob(auto_ml_job_name=name)
    candidates = list(listed.get_all_candidates(sort_by="FinalObjectiveMetricValue", sort_order="Descending"))
    values = [each.final_auto_ml_job_objective_metric.value for each in candidates]
    assert len(values) == 3
    assert values == sorted(values, reverse=True)
    assert best.candidate_name in {each.candidate_name for each in candidates}
    model = Model.create(
        model_name=name,
        execution_role_arn=role,
        containers=[
            ContainerDefinition(
                image=container.image, model_data_url=container.model_data_url, environment=container.environment
            )
        ],
    )
    assert model.containers[0].model_data_url == container.model_data_url


def test_a_job_that_there_is_not_is_told(unique: Callable[[str], str]) -> None:
    with pytest.raises(ClientError, match=r"\(ResourceNotFound\) .* Could not find an AutoML job"):
        AutoMLJobV2.get(unique("absent"))
