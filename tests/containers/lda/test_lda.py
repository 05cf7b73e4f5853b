"""LDA, by "LDA Hyperparameters", "Tune an LDA Model" and the sample answers in the developer guide."""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.errors import CustomerError
from sagecraft_containers.lda import training
from sagecraft_containers.serving.predictor import RequestError

from tests.containers.algorithm_job import AlgorithmJob, answered, answered_records
from tests.containers.records import dense, sparse

WORDS = 12


def documents(count: int = 120) -> np.ndarray:
    """Each is about one of two topics: the first half of the words, or the second."""
    random = np.random.default_rng(6)
    topic = np.repeat([[1, 0], [0, 1]], WORDS // 2, axis=1) / (WORDS // 2)
    return np.array([random.multinomial(40, topic[number % 2]) for number in range(count)], np.float32)


@pytest.fixture
def job(tmp_path: Path) -> AlgorithmJob:
    return AlgorithmJob("lda", tmp_path, {"num_topics": 2, "feature_dim": WORDS, "mini_batch_size": 120})


@pytest.mark.parametrize("at_once", [10_000, 50])
def test_topics_are_told_apart_whether_documents_are_learnt_from_together_or_not(
    job: AlgorithmJob, at_once: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_AT_ONCE", at_once)
    job.train(train=sparse(documents(), None), test=dense(documents(20), None))
    # of a word of a known topic the likelihood is that of one word of six
    assert job.metrics(capsys.readouterr().out)["test:pwll"] == pytest.approx(-np.log(6), abs=0.4)
    predictor = job.predictor(monkeypatch)
    mixtures = np.array([each["topic_mixture"] for each in answered(predictor, documents(10))["predictions"]])
    assert mixtures.sum(axis=1) == pytest.approx(np.ones(10), abs=1e-5)
    assert (mixtures.max(axis=1) > 0.9).all()
    assert mixtures[0].argmax() != mixtures[1].argmax()
    assert answered_records(predictor, documents(1))[0]["topic_mixture"] == pytest.approx(mixtures[0], abs=1e-5)


def test_a_negative_count_is_refused(job: AlgorithmJob) -> None:
    with pytest.raises(CustomerError, match="The channel 'train' has a negative number; each must be how often a word"):
        job.train(train=dense(documents() - 1, None))


def test_a_request_of_a_negative_count_is_refused(job: AlgorithmJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job.train(train=dense(documents(), None))
    with pytest.raises(RequestError, match=r"^unable to evaluate payload provided: a number is negative"):
        answered(job.predictor(monkeypatch), documents(1) - 1)
