"""The factorization machines container's `serve`."""

from sagecraft_containers.algorithm.serving import ModelPredictor
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.server import application, serve

from .model import FactorizationMachine


def load() -> ModelPredictor:
    """Loads the model of `/opt/ml/model`.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    model = FactorizationMachine.load(ContainerPaths.from_environment().model_directory)
    return ModelPredictor(model, reads_csv=False)


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=True)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.factorization_machines.serving:make_application", load)
