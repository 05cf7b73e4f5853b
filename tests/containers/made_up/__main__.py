"""A container of an algorithm of its own: the mean of what it is given.

It writes down which processes load the model.
"""

import os
import sys

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.program import AlgorithmMode, Program
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction
from sagecraft_containers.serving.server import application, serve
from sagecraft_containers.training.run import StopRequest


class Mean:
    def __init__(self, value: str) -> None:
        self._value = value

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        return Prediction(self._value.encode(), "text/csv")


def load() -> Mean:
    paths = ContainerPaths.from_environment()
    with (paths.base / "loads").open("a") as file:
        file.write(f"{os.getpid()}\n")
    try:
        return Mean((paths.model_directory / "mean").read_text())
    except FileNotFoundError:
        raise UserError("The model has no file 'mean'.") from None


def make_application() -> Application:
    return application(load, inline=True)


def train(paths: ContainerPaths, stop: StopRequest) -> None:
    (file,) = paths.channel_directory("train").iterdir()
    numbers = [float(line) for line in file.read_text().splitlines()]
    (paths.model_directory / "mean").write_text(str(sum(numbers) / len(numbers)))


def serve_mean() -> int:
    return serve("tests.containers.made_up.__main__:make_application", load)


if __name__ == "__main__":
    sys.exit(Program(algorithm=AlgorithmMode(train, serve_mean)).run(sys.argv[1:]))
