"""One training job of an algorithm of AWS's own: what its `train` is given, and how it ends where the job is wrong."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagecraft_catalog import HyperparameterValue, InvalidHyperparameters, algorithm

from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.errors import CustomerError, UserError
from sagecraft_containers.training.configuration import read_channels, read_hosts, read_hyperparameters
from sagecraft_containers.training.run import StopRequest

from .channel import Channel, Reading
from .log import TrainingLog
from .shares import shares
from .sources import all_sources

Hyperparameters = Mapping[str, HyperparameterValue]
Given = Mapping[str, Mapping[str, Any]]
"""What a job says of each of its channels, by name."""


@dataclass(frozen=True)
class Job:
    """What a training of the algorithm has.

    Attributes:
        hyperparameters: All that have a default, and those that the job gives.
        channels: By name; `train` is among them. All have as many columns.
        log: What the metrics are read from.
        stop: Tells that the job is to end.
        model_directory: What is left here becomes the model.
        chosen: The names of the hyperparameters that the job gives.
        shares: Between how many hosts S3 shards the channel `train`.
    """

    hyperparameters: Hyperparameters
    channels: Mapping[str, Channel]
    log: TrainingLog
    stop: StopRequest
    model_directory: Path
    chosen: Collection[str]
    shares: int


@dataclass(frozen=True)
class Definition:
    """What tells one algorithm from another before it trains.

    Attributes:
        name: The catalog's.
        title: What it calls itself in its metrics, such as `Linear Learner`.
        channels: The names of those that it has.
        reading: What it reads from them.
        readings: The same for channels that are read otherwise.
    """

    name: str
    title: str
    channels: tuple[str, ...] = (TRAIN_CHANNEL, "test")
    reading: Reading = field(default_factory=Reading)
    readings: Mapping[str, Reading] = field(default_factory=dict)


def run_job(definition: Definition, train: Callable[[Job], None], paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains, on the first of the job's hosts.

    Args:
        definition: The algorithm's.
        train: Trains and saves the model.
        paths: The container's files.
        stop: Tells that the job is to end.

    Raises:
        CustomerError: The job's hyperparameters, channels or data are wrong.
    """
    try:
        hyperparameters = _read_hyperparameters(definition.name, paths)
        given = read_channels(paths)
        _check_channels(definition, given)
        with shares(paths, given) as others:
            if others is not None:
                channels = _channels(definition, paths, hyperparameters, given, others)
                hosts, current_host = read_hosts(paths)
                log = TrainingLog(definition.title, current_host)
                chosen = read_hyperparameters(paths).keys()
                sharded = given[TRAIN_CHANNEL].get("S3DistributionType") == "ShardedByS3Key"
                count = len(hosts) if sharded else 1
                train(Job(hyperparameters, channels, log, stop, paths.model_directory, chosen, count))
    except CustomerError:
        raise
    except UserError as error:
        raise CustomerError(str(error)) from error


def _read_hyperparameters(name: str, paths: ContainerPaths) -> Hyperparameters:
    known = algorithm(name)
    try:
        given = known.parse_hyperparameters(read_hyperparameters(paths))
    except InvalidHyperparameters as error:
        raise UserError(" ".join(error.problems)) from error
    rules = known.hyperparameters
    defaults = {each: rules[each].parse(text) for each, text in known.default_hyperparameters.items()}
    return {**defaults, **given}


def _check_channels(definition: Definition, given: Given) -> None:
    if TRAIN_CHANNEL not in given:
        raise UserError(f"The channel 'train' is missing; the job has {', '.join(given) or 'none'}.")
    if unknown := [name for name in given if name not in definition.channels]:
        raise UserError(f"{definition.name} has no channel '{unknown[0]}'; it has {', '.join(definition.channels)}.")


def _channels(
    definition: Definition, paths: ContainerPaths, hyperparameters: Hyperparameters, given: Given, others: Path
) -> dict[str, Channel]:
    def make(name: str, columns: int | None) -> Channel:
        content_type = given[name].get("ContentType")
        reading = definition.readings.get(name, definition.reading)
        return Channel(name, content_type, reading, all_sources(paths, name, given[name], others), columns)

    dimension = hyperparameters.get("feature_dim")
    train = make(TRAIN_CHANNEL, dimension if isinstance(dimension, int) else None)
    rest = [name for name in definition.channels if name in given and name != TRAIN_CHANNEL]
    return {TRAIN_CHANNEL: train, **{name: make(name, train.columns) for name in rest}}
