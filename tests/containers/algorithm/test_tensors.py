"""The kinds of numbers in records that algorithms read."""

import pytest
from sagecraft_containers.algorithm.job import Definition
from sagecraft_containers.data.recordio_protobuf import TENSORS
from sagecraft_containers.factorization_machines.training import DEFINITION as FACTORIZATION_MACHINES
from sagecraft_containers.kmeans.training import DEFINITION as KMEANS
from sagecraft_containers.knn.training import DEFINITION as KNN
from sagecraft_containers.lda.training import DEFINITION as LDA
from sagecraft_containers.linear_learner.training.algorithm import DEFINITION as LINEAR_LEARNER
from sagecraft_containers.pca.training import DEFINITION as PCA
from sagecraft_containers.randomcutforest.training import DEFINITION as RANDOM_CUT_FOREST


@pytest.mark.parametrize("definition", [KMEANS, KNN, LDA, PCA, RANDOM_CUT_FOREST], ids=lambda each: each.name)
def test_numbers_of_every_kind_are_read(definition: Definition) -> None:
    """Source: notebooks of https://github.com/aws/amazon-sagemaker-examples.

    `sm-introduction_to_pca` and `sm-k_nearest_neighbors_multi_class_classification` write doubles, and
    `sm-random_cut_forest_example` integers.
    """
    assert set(definition.reading.tensors) == set(TENSORS)


@pytest.mark.parametrize("definition", [FACTORIZATION_MACHINES, LINEAR_LEARNER], ids=lambda each: each.name)
def test_only_floats_are_read_where_aws_says_so(definition: Definition) -> None:
    """Source: "Input/Output Interface" in the developer guide's pages of the two algorithms."""
    assert set(definition.reading.tensors) == {"float32_tensor"}
