"""The JSON files that SageMaker puts under `input/config` before it starts a training container."""

import json
from pathlib import Path
from typing import Any

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError


def read_hyperparameters(paths: ContainerPaths) -> dict[str, str]:
    """The job's hyperparameters; empty where there is no file."""
    return {name: str(value) for name, value in _read_object(paths.hyperparameters_file).items()}


def read_channels(paths: ContainerPaths) -> dict[str, dict[str, Any]]:
    """What the job says of each channel, by name; empty where there is no file."""
    return _read_object(paths.input_data_config_file)


def read_hosts(paths: ContainerPaths) -> tuple[list[str], str]:
    """The names of the job's hosts, and this one's; `algo-1` alone where there is no file."""
    resources = _read_object(paths.resource_config_file)
    hosts = list(resources.get("hosts", ["algo-1"]))
    return hosts, str(resources.get("current_host", hosts[0]))


def find_checkpoint_directory(paths: ContainerPaths) -> Path | None:
    """Where the job keeps its checkpoints, or None where it keeps none."""
    local_path = _read_object(paths.checkpoint_config_file).get("LocalPath")
    if local_path is not None:
        below_base = str(local_path).removeprefix("/opt/ml/")
        return paths.base / below_base if below_base != local_path else Path(local_path)
    return paths.checkpoint_directory if paths.checkpoint_directory.is_dir() else None


def _read_object(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise UserError(f"{file.name} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{file.name} holds {type(content).__name__}; expected a JSON object")
    return content
