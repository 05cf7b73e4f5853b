"""What ministack does otherwise with functions: processes of deleted ones go on, and each unpacks its own layers."""

import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from sagecraft_emulator.hosts.functions.layers import unpacked

_LAYER: Final = "layer_"
"""How the archive of a layer begins, and the directory that it is unpacked into, both in that of the function."""


def share_layers(runtime: Any) -> None:
    """Has functions share what their layers are unpacked to.

    Args:
        runtime: ministack's `core.lambda_runtime`.
    """
    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": _FunctionArchive})


class _FunctionArchive(zipfile.ZipFile):
    """The code of a function, or one of its layers, as ministack unpacks it."""

    def namelist(self) -> list[str]:
        """Of a layer none: ministack looks at each, whether it would lie outside. `unpacked` leaves nothing there."""
        return [] if Path(self.filename or "").name.startswith(_LAYER) else super().namelist()

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Unpacks the code; the directory of a layer, which is there and empty, becomes a link."""
        place = Path(path)
        if not place.name.startswith(_LAYER):
            super().extractall(path, members, pwd)
            return
        try:
            shared = unpacked(Path(self.filename or ""))
        except OSError:  # no cache can be written
            super().extractall(path, super().namelist(), pwd)
            return
        place.rmdir()
        place.symlink_to(shared)


class FunctionProvisioner:
    """Deletes functions as ministack does, and ends their processes.

    Args:
        own: ministack's handlers of the type.
        end: Ends the processes of a function, by its name, account and region; it may take seconds.
        whose: The account and region of the present stack operation.
    """

    def __init__(
        self, own: Mapping[str, Any], end: Callable[[str, str, str], None], whose: Callable[[], tuple[str, str]]
    ) -> None:
        self._delete: Callable[[str, dict[str, Any]], None] = own["delete"]
        self._end, self._whose = end, whose

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Deletes a function; its processes end soon, on a thread, because this runs on the event loop."""
        self._delete(physical_id, properties)
        arguments = (physical_id, *self._whose())
        threading.Thread(target=self._end, args=arguments, name=f"end-{physical_id}", daemon=True).start()
