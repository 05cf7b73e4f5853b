"""What scripts import of the older toolkit: `content_types`, `encoders`, `env`, `modules`, `transformer`, `worker`.

Serving by Flask itself (`server`, `worker.Worker`, `transformer.Transformer`) is not here: the container serves.
"""

from typing import Any

from sagemaker_training import (
    content_types,
    encoders,
    entry_point,
    errors,
    files,
    functions,
    mapping,
    modules,
    params,
    process,
    runner,
)
from sagemaker_training import logging_config as logging

from . import env, transformer, worker

__all__ = [
    "content_types",
    "encoders",
    "entry_point",
    "env",
    "errors",
    "files",
    "functions",
    "logging",
    "mapping",
    "modules",
    "params",
    "process",
    "runner",
    "training_env",
    "transformer",
    "worker",
]


def training_env(
    resource_config: dict[str, Any] | None = None,
    input_data_config: dict[str, Any] | None = None,
    hyperparameters: dict[str, Any] | None = None,
) -> Any:
    """The job's environment, from the files of the container where it is not given."""
    return env.TrainingEnv(resource_config, input_data_config, hyperparameters)


def __getattr__(name: str) -> Any:
    if name in {"server", "mpi", "trainer"}:
        raise ImportError(
            f"sagemaker_containers.beta.framework.{name} is not in this container, which starts the work itself."
        )
    raise AttributeError(f"sagemaker_containers.beta.framework has no '{name}'.")
