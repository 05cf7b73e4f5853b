"""The AutoML container: its own algorithm, and steps that are processing jobs, of tables and of time series."""
# ruff: noqa: PLC0415 - each imports what it needs when it is called

from typing import Final

from sagecraft_containers.algorithm.imports import TABLES
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.program import AlgorithmMode, Program
from sagecraft_containers.training.configuration import read_hyperparameters
from sagecraft_containers.training.run import StopRequest


def _train(paths: ContainerPaths, stop: StopRequest) -> None:
    from .forecasting.definition import MODE as FORECASTING

    hyperparameters = read_hyperparameters(paths)
    if hyperparameters.get("mode") == FORECASTING:
        from .forecasting.training.job import train as train_forecaster

        train_forecaster(hyperparameters, paths, stop)
    else:
        from .training.job import train

        train(paths, stop)


def _serve() -> int:
    from .forecasting.definition import MODEL

    if (ContainerPaths.from_environment().model_directory / MODEL).is_file():
        from .forecasting import serving as forecasts

        return forecasts.main()
    from . import serving

    return serving.main()


def _analyze(paths: ContainerPaths, _stop: StopRequest) -> None:
    from .steps import analyze

    analyze(paths)


def _report(paths: ContainerPaths, _stop: StopRequest) -> None:
    from .steps import report

    report(paths)


def _analyze_series(paths: ContainerPaths, _stop: StopRequest) -> None:
    from .forecasting.steps import analyze

    analyze(paths)


def _report_series(paths: ContainerPaths, _stop: StopRequest) -> None:
    from .forecasting.steps import report

    report(paths)


PROGRAM: Final = Program(
    algorithm=AlgorithmMode(
        _train,
        _serve,
        imports=TABLES,
        steps={
            "analyze": _analyze,
            "report": _report,
            "analyze-series": _analyze_series,
            "report-series": _report_series,
        },
    )
)
