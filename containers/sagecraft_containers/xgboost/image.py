"""Which version of AWS's XGBoost image the container stands for: what it does where the versions differ.

Source: the branches and tags of `aws/sagemaker-xgboost-container`, one a version.
"""

import os

from sagecraft_catalog import algorithm

from sagecraft_containers.contract import IMAGE_VERSION_VARIABLE


def image_version() -> str:
    """The version of the image that was asked for; the newest where that is not said."""
    return os.environ.get(IMAGE_VERSION_VARIABLE, algorithm("xgboost").versions[-1])


def is_at_least(version: str) -> bool:
    """Whether the image is of a version, or of a later one."""
    versions = algorithm("xgboost").versions
    return versions.index(image_version()) >= versions.index(version)


def answers_by_accept() -> bool:
    """Whether CSV is a line a row, and `Accept` says how an answer is written; older images put all rows on a line."""
    return is_at_least("1.2-2")


def selects_outputs() -> bool:
    """Whether `SAGEMAKER_INFERENCE_OUTPUT` says what an answer holds."""
    return is_at_least("1.0-1")


def weights_validation() -> bool:
    """Whether `csv_weights` is of the validation channel, too, and not of the train channel alone."""
    return is_at_least("1.2-1")


def ranks_by_precision() -> bool:
    """Whether a ranking that asks for no metric is scored by `map`, which there takes graded labels, too.

    The library did so before 2.0: `DefaultEvalMetric` of `src/objective/rank_obj.cu` of `dmlc/xgboost`.
    """
    return not is_at_least("3.0-5")


def stops_by_default_metric() -> bool:
    """Whether `early_stopping_rounds` watches the library's own metric where none is asked for, or else nothing."""
    return not is_at_least("1.3-1")


def pickles_models() -> bool:
    """Whether a trained model is saved as a pickle, and not by the library's own means."""
    return not is_at_least("1.3-1")


def averages_models() -> bool:
    """Whether all models of an archive answer together, and `_kfold` trains several."""
    return is_at_least("1.2-2")


def counts_libsvm_from_one() -> bool:
    """Whether the indices of a request's LIBSVM rows are counted from 1 where none of them is 0."""
    return is_at_least("3.2-0")


def reads_folders() -> bool:
    """Whether a channel's files may lie in several folders."""
    return is_at_least("1.7-1")


def reads_pipes() -> bool:
    """Whether channels may be in Pipe mode."""
    return not is_at_least("3.2-0")
