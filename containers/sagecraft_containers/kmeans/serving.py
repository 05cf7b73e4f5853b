"""The k-means container's `serve`."""

from sagecraft_containers.algorithm.serving import ModelPredictor
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.server import application, serve

from .model import Centers


def load() -> ModelPredictor:
    """Loads the model of `/opt/ml/model`.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    return ModelPredictor(Centers.load(ContainerPaths.from_environment().model_directory), csv=True)


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=True)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.kmeans.serving:make_application", load)
