"""The CatBoost container's `serve`."""

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.jumpstart.answer import TablePredictor
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.server import application, serve

from .model import CatBoostModel


def load() -> TablePredictor:
    """Loads the model of `/opt/ml/model`.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    return TablePredictor(CatBoostModel.load(ContainerPaths.from_environment().model_directory))


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=True)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.catboost.serving:make_application", load)
