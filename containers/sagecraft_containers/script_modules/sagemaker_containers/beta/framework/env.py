"""The environment of a job or a server, under the names of the older toolkit."""

import os
from typing import Any

from sagemaker_inference.environment import Environment as _Serving
from sagemaker_training import environment as _training
from sagemaker_training.environment import Environment as TrainingEnv
from sagemaker_training.environment import (
    channel_path,
    num_cpus,
    num_gpus,
    read_hyperparameters,
    read_input_data_config,
    read_resource_config,
    write_env_vars,
)

__all__ = [
    "ServingEnv",
    "TrainingEnv",
    "channel_path",
    "num_cpus",
    "num_gpus",
    "read_hyperparameters",
    "read_input_data_config",
    "read_resource_config",
    "write_env_vars",
]


class ServingEnv(_Serving):  # type: ignore[misc]  # the toolkit has no types
    """What the variables of a serving container say."""

    @property
    def module_dir(self) -> str:
        """Where the user's code comes from."""
        return os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(_training.code_dir))

    @property
    def model_dir(self) -> str:
        """Where the model lies."""
        return str(_training.model_dir)

    @property
    def current_host(self) -> str | None:
        """The name of the host, where the container is told."""
        return os.environ.get("CURRENT_HOST")

    @property
    def num_cpus(self) -> int:
        """The machine's cores."""
        return int(num_cpus())

    @property
    def num_gpus(self) -> int:
        """The machine's GPUs."""
        return int(num_gpus())

    @property
    def http_port(self) -> str:
        """Where the container is asked."""
        return str(self.inference_http_port)


def __getattr__(name: str) -> Any:
    """The paths and file names of the container, such as `model_dir`."""
    return getattr(_training, name)
