"""AWS's built-in algorithms beside XGBoost: images, hyperparameters, metrics, ranges, instances.

Sources: the lists of images of the SageMaker SDK, the developer guide, and log lines in the outputs of the notebooks of
aws/amazon-sagemaker-examples.
"""

import re
from typing import Any

import pytest
from sagecraft_catalog import Algorithm, UnknownInstanceType, UnknownVersion, algorithm, algorithms

BUILT_IN = [name for name in algorithms() if algorithm(name).hyperparameters]
OF_AN_IMAGE = [name for name in BUILT_IN if algorithm(name).versions]
KMEANS = {"k": "10", "feature_dim": "784"}
KNN = {"k": "3", "feature_dim": "8", "predictor_type": "classifier", "sample_size": "100"}


def test_all_of_aws_are_there() -> None:
    # "Use Amazon SageMaker built-in algorithms" in the developer guide, where they have hyperparameters of their own
    assert {
        *("blazingtext", "forecasting-deepar", "image-classification", "ipinsights", "kmeans", "knn", "lda", "ntm"),
        *("object-detection", "object2vec", "pca", "randomcutforest", "semantic-segmentation", "seq2seq", "xgboost"),
        *("autogluon-tabular", "catboost", "lightgbm", "tabtransformer"),
    } <= set(BUILT_IN)


@pytest.mark.parametrize(
    ("name", "region", "uri"),
    [
        ("kmeans", "us-east-1", "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"),
        ("lda", "us-east-1", "766337827248.dkr.ecr.us-east-1.amazonaws.com/lda:1"),
        ("blazingtext", "us-east-1", "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"),
        ("forecasting-deepar", "us-east-1", "522234722520.dkr.ecr.us-east-1.amazonaws.com/forecasting-deepar:1"),
        ("randomcutforest", "eu-west-1", "438346466558.dkr.ecr.eu-west-1.amazonaws.com/randomcutforest:1"),
    ],
)
def test_the_image_is_the_one_that_aws_publishes(name: str, region: str, uri: str) -> None:
    assert algorithm(name).image_uri("1", region) == uri


def test_a_script_of_jumpstarts_has_no_image_and_says_what_to_name() -> None:
    with pytest.raises(UnknownVersion, match=r"lightgbm has no image of its own: .*'lightgbm-classification-model'"):
        algorithm("lightgbm").image_uri("1", "us-east-1")


@pytest.mark.parametrize("name", BUILT_IN)
def test_its_defaults_and_what_aws_recommends_pass_its_own_checks(name: str) -> None:
    built_in = algorithm(name)
    for each, default in built_in.default_hyperparameters.items():
        built_in.hyperparameters[each].parse(default)
    for each, tunable in built_in.tunable_hyperparameters.items():
        assert built_in.check_ranges(ranges_of(each, tunable.kinds[0], tunable)) == [], each
    for objective in built_in.objective_metrics:
        assert objective.type in {"Minimize", "Maximize"}
        assert re.compile(objective.regex).groups == 1


def ranges_of(name: str, kind: str, tunable: Any) -> dict[str, list[dict[str, Any]]]:
    if kind == "Categorical":
        return {"CategoricalParameterRanges": [{"Name": name, "Values": list(tunable.values)}]}
    ends = (str(int(end) if kind == "Integer" else end) for end in (tunable.minimum, tunable.maximum))
    return {f"{kind}ParameterRanges": [{"Name": name, **dict(zip(("MinValue", "MaxValue"), ends, strict=True))}]}


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("kmeans", {"feature_dim": "784"}, "k: required, but not given."),
        ("kmeans", {**KMEANS, "init_metod": "random"}, "init_metod: not a hyperparameter of kmeans. Did you mean "),
        ("kmeans", {**KMEANS, "init_method": "forgy"}, "init_method: got 'forgy', must be 'random' or 'kmeans++'."),
        (
            "kmeans",
            {**KMEANS, "extra_center_factor": "0"},
            "extra_center_factor: got '0', must be at least 1, or 'auto'.",
        ),
        (
            "kmeans",
            {**KMEANS, "eval_metrics": "msd"},
            "eval_metrics: got 'msd', must be a JSON list of 'msd' or 'ssd'.",
        ),
        ("kmeans", {**KMEANS, "eval_metrics": '["mse"]'}, "must be a JSON list of 'msd' or 'ssd'."),
        (
            "pca",
            {"num_components": "9", "feature_dim": "8", "mini_batch_size": "1"},
            "must be at most feature_dim, '8'.",
        ),
        ("pca", {"subtract_mean": "yes"}, "subtract_mean: got 'yes', must be 'true' or 'false'."),
        (
            "knn",
            {**KNN, "dimension_reduction_type": "sign"},
            "dimension_reduction_target: required with dimension_redu",
        ),
        ("knn", {**KNN, "dimension_reduction_target": "8"}, "must be less than feature_dim, '8'."),
        ("knn", {**KNN, "index_type": "faiss.IVFPQ"}, "faiss_index_pq_m: required with index_type 'faiss.IVFPQ'."),
        (
            "knn",
            {**KNN, "index_type": "faiss.IVFPQ", "faiss_index_pq_m": "3", "index_metric": "COSINE"},
            "index_metric: got 'COSINE', with index_type 'faiss.IVFPQ' it must be 'L2'.",
        ),
        ("randomcutforest", {"feature_dim": "1", "num_trees": "10"}, "num_trees: got '10', must be at least 50 and at"),
        (
            "forecasting-deepar",
            {"test_quantiles": "[0.5, 2]"},
            "test_quantiles: got '[0.5, 2]', must be at least 0 and",
        ),
        (
            "forecasting-deepar",
            {"cardinality": "[1, true]"},
            "must be a JSON list of numbers, at least 1, or 'auto' or",
        ),
    ],
)
def test_what_the_algorithm_would_refuse_is_told(name: str, given: dict[str, str], told: str) -> None:
    assert any(told in problem for problem in algorithm(name).check_hyperparameters(given))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("kmeans", {**KMEANS, "eval_metrics": '["msd", "ssd"]', "extra_center_factor": "auto"}),
        ("pca", {"num_components": "1", "feature_dim": "8", "mini_batch_size": "1", "subtract_mean": "True"}),
        ("knn", {**KNN, "dimension_reduction_type": "fjlt", "dimension_reduction_target": "4"}),
        ("knn", {**KNN, "index_type": "faiss.IVFPQ", "faiss_index_pq_m": "4", "faiss_index_ivf_nlists": "auto"}),
        ("object2vec", {"enc0_max_seq_len": "9", "enc0_vocab_size": "9", "comparator_list": "hadamard, abs_diff"}),
    ],
)
def test_what_clients_of_aws_send_is_taken(name: str, given: dict[str, str]) -> None:
    assert algorithm(name).check_hyperparameters(given) == []


def test_values_are_read_by_their_kinds() -> None:
    values = algorithm("kmeans").parse_hyperparameters(
        {**algorithm("kmeans").default_hyperparameters, **KMEANS, "local_lloyd_tol": "0.5"}
    )
    assert (values["k"], values["local_lloyd_tol"], values["eval_metrics"]) == (10, 0.5, ["msd"])
    assert values["extra_center_factor"] == "auto"
    assert algorithm("blazingtext").hyperparameters["subwords"].parse("True") is True
    assert algorithm("ntm").hyperparameters["encoder_layers"].parse("[256, 64]") == [256.0, 64.0]


@pytest.mark.parametrize(
    ("name", "line", "metric", "value"),
    [
        ("kmeans", "[10/03/2018 INFO 140] #quality_metric: host=algo-1, test msd <loss>=6.5", "test:msd", "6.5"),
        ("knn", "#quality_metric: host=algo-1, test accuracy <score>=0.92", "test:accuracy", "0.92"),
        ("lda", "#quality_metric: host=algo-1, test pwll <score>=-2.5", "test:pwll", "-2.5"),
        ("forecasting-deepar", "#quality_metric: host=algo-1, test RMSE <loss>=82.1", "test:RMSE", "82.1"),
        ("image-classification", "#quality_metric: host=algo-1, epoch=0, validation accuracy <score>=0.7",
         "validation:accuracy", "0.7"),
    ],
)  # fmt: skip
def test_a_metric_is_read_from_its_line(name: str, line: str, metric: str, value: str) -> None:
    found = {
        each.name: match[1] for each in algorithm(name).metric_definitions if (match := re.search(each.regex, line))
    }
    assert found == {metric: value}


def test_a_range_of_categories_holds_values_of_the_hyperparameter() -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "init_method", "Values": ["random", "forgy"]}]}
    assert algorithm("kmeans").check_tuning("test:msd", "Minimize", ranges) == [
        "init_method: Values: got 'forgy', must be 'random' or 'kmeans++'."
    ]
    assert algorithm("pca").check_ranges({"IntegerParameterRanges": [{"Name": "num_components"}]}) == [
        "num_components: cannot be tuned. These can be tuned: none."
    ]


@pytest.mark.parametrize(
    ("name", "instance_type", "count", "told"),
    [
        ("lda", "ml.m5.large", 2, [("instance_count", "lda trains on one instance only, got 2; use 1.")]),
        ("kmeans", "ml.m5.large", 2, []),
        ("image-classification", "ml.p3.2xlarge", 2, []),
    ],
)
def test_it_says_what_instances_it_trains_on(
    name: str, instance_type: str, count: int, told: list[tuple[str, str]]
) -> None:
    assert algorithm(name).check_instances(instance_type=instance_type, instance_count=count) == told


def test_an_algorithm_without_checkpoints_waits_for_an_hour_at_most() -> None:
    """Source: the note of "Managed Spot Training" in the developer guide."""
    (told,) = algorithm("linear-learner").check_wait(3601)
    assert told == (
        "linear-learner keeps no checkpoints, so a managed spot job of it may take 3600 seconds at most, with its "
        "waiting; got 3601."
    )
    assert algorithm("linear-learner").check_wait(3600) == []
    assert algorithm("xgboost").check_wait(7200) == []


def test_an_algorithm_that_trains_on_gpus_refuses_a_type_without() -> None:
    ((prop, problem),) = algorithm("seq2seq").check_instances(instance_type="ml.m5.large", instance_count=1)
    assert prop == "instance_type"
    assert "seq2seq trains on GPUs only, and 'ml.m5.large' has none" in problem
    with pytest.raises(UnknownInstanceType):
        Algorithm("seq2seq").check_instances(instance_type="ml.none.large", instance_count=1)
