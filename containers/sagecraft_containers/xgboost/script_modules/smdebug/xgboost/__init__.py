"""The hook of XGBoost: a callback that trains on and saves nothing."""

from typing import Any

import xgboost

from ..core import CollectionKeys, SaveConfig, SaveConfigMode, modes
from ..trials import create_trial

__all__ = [
    "CollectionKeys",
    "Hook",
    "SaveConfig",
    "SaveConfigMode",
    "create_trial",
    "del_hook",
    "get_hook",
    "modes",
    "set_hook",
]


class Hook(xgboost.callback.TrainingCallback):
    """A callback for `xgboost.train`. It says once that it saves nothing.

    Args:
        out_dir: Where AWS's hook saves.
        settings: Whatever else AWS's hook takes.
    """

    def __init__(self, out_dir: str | None = None, **settings: Any) -> None:
        super().__init__()
        self.out_dir, self.settings = out_dir, settings
        print("Warning: smdebug's hook saves no tensors in this container.", flush=True)
        set_hook(self)

    @classmethod
    def create_from_json_file(cls, json_file_path: str | None = None) -> "Hook":
        """A hook, whatever a configuration says of it."""
        return cls(json_file_path=json_file_path)

    hook_from_config = create_from_json_file

    def save_scalar(self, name: str, value: float, sm_metric: bool = False, timestamp: float | None = None) -> None:
        """Saves nothing."""

    def save_tensor(self, tensor_name: str, tensor_value: Any, collections_to_write: str = "default") -> None:
        """Saves nothing."""

    def set_mode(self, mode: modes) -> None:
        """Changes nothing."""

    def close(self) -> None:
        """There is nothing to close."""


_current: list[Hook] = []


def set_hook(hook: Hook) -> None:
    """Makes a hook the one that `get_hook` finds."""
    _current[:] = [hook]


def get_hook(json_config_path: str | None = None) -> Hook:
    """The hook of this process, made where there is none."""
    return _current[0] if _current else Hook.create_from_json_file(json_config_path)


def del_hook() -> None:
    """Forgets the hook of this process."""
    _current.clear()
