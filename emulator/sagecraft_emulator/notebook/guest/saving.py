"""Jupyter's configuration in a notebook instance: it saves nothing on a volume that is over its size."""

from pathlib import Path
from typing import Any

from tornado.web import HTTPError  # type: ignore[import-not-found]  # of the environment that JupyterLab has

_INSUFFICIENT_STORAGE = 507
_FULL = Path("/etc/jupyter/volume/full")


def refuse_when_full(**document: Any) -> None:
    """Is called before each save.

    Raises:
        HTTPError: The volume is over its size.
    """
    del document
    if _FULL.is_file():
        said = _FULL.read_text("utf-8")
        raise HTTPError(_INSUFFICIENT_STORAGE, said, reason=said)


c = get_config()  # type: ignore[name-defined]  # noqa: F821 - Jupyter has it in the file's names
c.FileContentsManager.pre_save_hook = refuse_when_full
