import re

import pytest
from sagecraft_catalog import (
    UnknownAlgorithm,
    UnknownInstanceType,
    UnknownRegion,
    UnknownVersion,
    algorithm,
    algorithms,
)


@pytest.mark.parametrize(
    ("name", "version", "region", "uri"),
    [
        ("xgboost", "1.7-1", "eu-west-1", "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"),
        ("xgboost", "3.2-0", "us-east-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"),
        ("xgboost", "1", "us-west-2", "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1"),
        (
            "xgboost",
            "0.90-2",
            "cn-north-1",
            "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-xgboost:0.90-2-cpu-py3",
        ),
        (
            "sklearn",
            "1.2-1",
            "us-east-1",
            "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        ),
    ],
)
def test_image_uri_is_the_one_that_aws_publishes(name: str, version: str, region: str, uri: str) -> None:
    assert algorithm(name).image_uri(version, region) == uri


def test_every_version_has_an_image_in_every_region_of_its_accounts() -> None:
    for name in algorithms():
        for version in algorithm(name).versions:
            for region, account in algorithm(name).image_accounts(version).items():
                uri = algorithm(name).image_uri(version, region)
                assert re.fullmatch(
                    rf"{account}\.dkr\.ecr\.{region}\.\S+/{algorithm(name).repository(version)}:\S+", uri
                )
                assert re.fullmatch(r"\d{12}", account)


def test_latest_is_refused_with_the_reason() -> None:
    with pytest.raises(UnknownVersion, match="means version 1, of 2018") as caught:
        algorithm("xgboost").image_uri("latest", "eu-west-1")
    assert "'3.2-0'" in str(caught.value)


def test_unknown_version_names_the_near_match_and_all_versions() -> None:
    with pytest.raises(UnknownVersion) as caught:
        algorithm("xgboost").image_uri("1.7", "eu-west-1")
    assert "Did you mean '1.7-1'?" in str(caught.value)
    assert "'0.90-1'" in str(caught.value)


def test_unknown_region_names_the_near_matches() -> None:
    with pytest.raises(UnknownRegion, match="Did you mean 'eu-west-1'"):
        algorithm("xgboost").image_uri("1.7-1", "eu-wst-1")


def test_unknown_algorithm_names_the_near_match() -> None:
    with pytest.raises(UnknownAlgorithm, match="Did you mean 'xgboost'"):
        algorithm("xgbost")


def test_image_without_gpu_support_is_refused_on_a_gpu_instance() -> None:
    with pytest.raises(UnknownInstanceType, match=r"xgboost 1.0-1 image has no GPU support, but 'ml.p3.2xlarge'"):
        algorithm("xgboost").image_uri("1.0-1", "eu-west-1", instance_type="ml.p3.2xlarge")
    assert algorithm("xgboost").image_uri("3.2-0", "eu-west-1", instance_type="ml.p3.2xlarge").endswith(":3.2-0")


def test_metric_expressions_match_a_line_as_cloudwatch_shows_it() -> None:
    line = "[12]#011train-auc:0.91234#011train-logloss:1.5e-05#011validation-auc:0.87#011validation-logloss:0.5"
    found = {
        definition.name: match[1]
        for definition in algorithm("xgboost").metric_definitions
        if (match := re.match(definition.regex, line))
    }
    assert found == {
        "train:auc": "0.91234",
        "train:logloss": "1.5e-05",
        "validation:auc": "0.87",
        "validation:logloss": "0.5",
    }


def test_script_mode_container_has_no_hyperparameters_of_its_own() -> None:
    assert algorithm("sklearn").check_hyperparameters({"anything": "goes"}) == []
    assert algorithm("sklearn").metric_definitions == ()
    assert algorithm("sklearn").content_types == ()


def test_content_types_are_those_of_the_built_in_algorithm() -> None:
    assert {
        "text/csv",
        "text/libsvm",
        "text/x-libsvm",
        "application/x-parquet",
        "application/x-recordio-protobuf",
    } < set(algorithm("xgboost").content_types)


@pytest.mark.parametrize(
    ("name", "value", "first", "last"),
    [
        ("silent", "0", "0.90-1", "1.0-1"),
        ("_kfold", "3", "1.2-2", "3.2-0"),
        ("_num_cv_round", "2", "1.2-2", "3.2-0"),
        ("num_parallel_tree", "2", "0.90-2", "3.2-0"),
        ("single_precision_histogram", "true", "1.2-1", "1.5-1"),
        ("sampling_method", "uniform", "1.3-1", "3.2-0"),
        ("use_dask_gpu_training", "false", "1.5-1", "3.2-0"),
    ],
)
def test_hyperparameters_are_those_of_the_version(name: str, value: str, first: str, last: str) -> None:
    # hyperparameter_validation.py in the branches and tags of aws/sagemaker-xgboost-container
    xgboost = algorithm("xgboost")
    versions = xgboost.versions[1:]
    given = {"num_round": "1", name: value}
    taken = [version for version in versions if not xgboost.check_hyperparameters(given, version=version)]
    assert (taken[0], taken[-1]) == (first, last)
    assert taken == list(versions[versions.index(first) : versions.index(last) + 1])
    assert xgboost.check_hyperparameters(given) == []


def test_a_hyperparameter_of_other_versions_is_told_where_it_is_one() -> None:
    xgboost = algorithm("xgboost")
    assert xgboost.check_hyperparameters({"num_round": 1, "silent": 0}, version="1.7-1") == [
        "silent: not a hyperparameter of xgboost 1.7-1; it is one up to 1.0-1."
    ]
    assert xgboost.check_hyperparameters({"num_round": 1, "_kfold": 3}, version="1.2-1") == [
        "_kfold: not a hyperparameter of xgboost 1.2-1; it is one from 1.2-2 on."
    ]
