"""Every name of SageMaker's container contract: paths under `/opt/ml`, environment variables, port, exit codes.

Sources: "Adapting your own training container" and "Use your own inference code with hosting services" in the SageMaker
developer guide, and the open-source `sagemaker-training` and `sagemaker-inference` toolkits for the variables' names.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_BASE_DIRECTORY: Final = "/opt/ml"

# Environment variables.
BASE_DIRECTORY_VARIABLE: Final = "SAGEMAKER_BASE_DIR"
BIND_HOST_VARIABLE: Final = "SAGEMAKER_BIND_HOST"
BIND_PORT_VARIABLE: Final = "SAGEMAKER_BIND_TO_PORT"
MODEL_SERVER_WORKERS_VARIABLE: Final = "SAGEMAKER_MODEL_SERVER_WORKERS"
MODEL_SERVER_TIMEOUT_VARIABLE: Final = "SAGEMAKER_MODEL_SERVER_TIMEOUT"
INFERENCE_ACCEPT_VARIABLE: Final = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"
INFERENCE_OUTPUT_VARIABLE: Final = "SAGEMAKER_INFERENCE_OUTPUT"
INFERENCE_ENSEMBLE_VARIABLE: Final = "SAGEMAKER_INFERENCE_ENSEMBLE"
MAX_CONTENT_LENGTH_VARIABLE: Final = "MAX_CONTENT_LENGTH"
BATCH_VARIABLE: Final = "SAGEMAKER_BATCH"
MULTI_MODEL_VARIABLE: Final = "SAGEMAKER_MULTI_MODEL"
MAX_PAYLOAD_VARIABLE: Final = "SAGEMAKER_MAX_PAYLOAD_IN_MB"
PROGRAM_VARIABLE: Final = "SAGEMAKER_PROGRAM"
SUBMIT_DIRECTORY_VARIABLE: Final = "SAGEMAKER_SUBMIT_DIRECTORY"
THREADS_VARIABLE: Final = "OMP_NUM_THREADS"
ENVIRONMENTS_VARIABLE: Final = "SAGECRAFT_ENVIRONMENTS_DIR"
"""Where Python environments are kept that other jobs use, too. Not AWS's: the emulator sets it."""
IMAGE_VERSION_VARIABLE: Final = "SAGECRAFT_IMAGE_VERSION"
"""The catalog's version of the image that the container stands for. Not AWS's: the emulator sets it."""
TRAINING_JOB_NAME_VARIABLE: Final = "TRAINING_JOB_NAME"
TRAINING_JOB_ARN_VARIABLE: Final = "TRAINING_JOB_ARN"

# Serving.
DEFAULT_BIND_HOST: Final = "0.0.0.0"  # noqa: S104 - inside a container SageMaker reaches it over the container's network
DEFAULT_BIND_PORT: Final = 8080
PING_PATH: Final = "/ping"
INVOCATIONS_PATH: Final = "/invocations"
EXECUTION_PARAMETERS_PATH: Final = "/execution-parameters"

# Training.
PROGRAM_HYPERPARAMETER: Final = "sagemaker_program"
SUBMIT_DIRECTORY_HYPERPARAMETER: Final = "sagemaker_submit_directory"
TRAIN_CHANNEL: Final = "train"
VALIDATION_CHANNEL: Final = "validation"
CODE_CHANNEL: Final = "code"
FAILURE_REASON_CHARACTERS: Final = 1024
"""How much of the failure file SageMaker shows as the job's `FailureReason`."""

# Exit codes: SageMaker only tells zero from the rest, people and tests tell the rest apart.
EXIT_SUCCESS: Final = 0
EXIT_USER_ERROR: Final = 1
EXIT_INTERNAL_ERROR: Final = 2
EXIT_CUSTOMER_ERROR: Final = 2
"""AWS's own algorithms end so where the job is wrong."""
CLIENT_ERROR: Final = "ClientError: "
"""Begins their failure file then, and the job's `FailureReason`."""


@dataclass(frozen=True)
class ContainerPaths:
    """Where the contract's files lie below one base directory."""

    base: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "ContainerPaths":
        """Paths below `SAGEMAKER_BASE_DIR`, or below `/opt/ml` where that is not set."""
        return cls(Path(environment.get(BASE_DIRECTORY_VARIABLE, DEFAULT_BASE_DIRECTORY)))

    @property
    def hyperparameters_file(self) -> Path:
        """JSON object of the job's `HyperParameters`; every value is a string."""
        return self.base / "input" / "config" / "hyperparameters.json"

    @property
    def input_data_config_file(self) -> Path:
        """JSON object of channel name to its `ContentType`, and `TrainingInputMode`."""
        return self.base / "input" / "config" / "inputdataconfig.json"

    @property
    def resource_config_file(self) -> Path:
        """JSON object with `current_host`, `hosts` and `network_interface_name`."""
        return self.base / "input" / "config" / "resourceconfig.json"

    @property
    def checkpoint_config_file(self) -> Path:
        """JSON object whose `LocalPath` says where checkpoints go; there only where the job keeps checkpoints."""
        return self.base / "input" / "config" / "checkpointconfig.json"

    @property
    def data_directory(self) -> Path:
        """Holds one directory per channel."""
        return self.base / "input" / "data"

    def channel_directory(self, channel: str) -> Path:
        """Where a channel in File mode has its files."""
        return self.data_directory / channel

    def pipe(self, channel: str, epoch: int) -> Path:
        """Where a channel in Pipe mode can be read once from begin to end, for each epoch."""
        return self.data_directory / f"{channel}_{epoch}"

    @property
    def model_directory(self) -> Path:
        """What training leaves here becomes `model.tar.gz`; serving finds it unpacked here."""
        return self.base / "model"

    @property
    def checkpoint_directory(self) -> Path:
        """Kept in step with `CheckpointConfig.S3Uri` while the job runs."""
        return self.base / "checkpoints"

    @property
    def code_directory(self) -> Path:
        """Where script mode unpacks the user's code."""
        return self.base / "code"

    @property
    def python_directory(self) -> Path:
        """The Python environment of this container alone: what a user's script runs in, and installs into."""
        return self.base / ".python"

    def environments_directory(self, environment: Mapping[str, str] = os.environ) -> Path:
        """Where Python environments are kept: `SAGECRAFT_ENVIRONMENTS_DIR`; in the container where that is not set."""
        return Path(environment.get(ENVIRONMENTS_VARIABLE, self.base / ".environments"))

    @property
    def output_data_directory(self) -> Path:
        """What training leaves here becomes `output.tar.gz`."""
        return self.base / "output" / "data"

    @property
    def message_file(self) -> Path:
        """Its first 1,024 characters become the `ExitMessage` of a processing job."""
        return self.base / "output" / "message"

    @property
    def failure_file(self) -> Path:
        """Its first 1,024 characters become the job's `FailureReason`."""
        return self.base / "output" / "failure"
