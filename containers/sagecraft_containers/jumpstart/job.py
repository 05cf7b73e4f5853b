"""One training job of a script of JumpStart's: what it is given, and which of its two problems it is to solve."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sagecraft_catalog import HyperparameterValue, InvalidHyperparameters, algorithm

from sagecraft_containers.algorithm.shares import shares
from sagecraft_containers.contract import SUBMIT_DIRECTORY_HYPERPARAMETER, ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.configuration import read_channels, read_hosts, read_hyperparameters

from .table import Data, read_data

_OF_SAGEMAKER: Final = ("sagemaker_", "_tuning_objective_metric")
"""What hyperparameters begin with that are for the toolkit, and for a tuning job."""


@dataclass(frozen=True)
class Job:
    """What a training has.

    Attributes:
        hyperparameters: All that have a default, and those that the job gives.
        is_regression: Whether the target is a number, and no class.
        data: Its rows, of all hosts.
        hosts: How many hosts the job has, the first of which trains.
        model_directory: What is left here becomes the model.
    """

    hyperparameters: Mapping[str, HyperparameterValue]
    is_regression: bool
    data: Data
    hosts: int
    model_directory: Path

    @property
    def classes(self) -> int:
        """How many classes the target has.

        Raises:
            UserError: It has one alone.
        """
        count = self.data.training.target.nunique(dropna=False)
        if count < 2:
            raise UserError(
                f"The target, the first column, is '{self.data.training.target.iloc[0]}' in every row; a "
                "classification needs two classes or more."
            )
        return int(count)


def run_job(name: str, train: Callable[[Job], None], paths: ContainerPaths) -> None:
    """Trains, on the first of the job's hosts.

    Args:
        name: The algorithm's in the catalog.
        train: Trains and saves the model.
        paths: The container's files.

    Raises:
        UserError: The job's hyperparameters, channels or data are wrong.
    """
    texts = read_hyperparameters(paths)
    values = _parsed(name, {each: text for each, text in texts.items() if not each.startswith(_OF_SAGEMAKER)})
    is_regression = "/regression/" in texts.get(SUBMIT_DIRECTORY_HYPERPARAMETER, "")
    channels = read_channels(paths)
    with shares(paths, channels) as others:
        if others is not None:
            data = read_data(paths, channels, others)
            paths.model_directory.mkdir(parents=True, exist_ok=True)
            train(Job(values, is_regression, data, len(read_hosts(paths)[0]), paths.model_directory))


def _parsed(name: str, texts: Mapping[str, str]) -> Mapping[str, HyperparameterValue]:
    known = algorithm(name)
    given = {each: _plain(text) for each, text in texts.items()}
    try:
        return known.parse_hyperparameters({**known.default_hyperparameters, **given})
    except InvalidHyperparameters as error:
        raise UserError(" ".join(error.problems)) from error


def _plain(text: str) -> str:
    """A value without the quotes that the SageMaker SDK sends to a script, which are JSON's."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
