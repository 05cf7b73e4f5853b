"""What a sandbox in which a person works has besides that of a job: a machine that it may change, and cannot change."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_CHANGED: Final = ("/etc", "/home", "/root", "/run", "/srv", "/usr", "/var")
"""The directories of the system that a guest may change, of which it sees this machine's content."""
_WRITTEN_TO: Final = ("/etc", "/usr/local", "/var")
"""Where scripts write to what lies directly below, such as `/usr/local/bin`."""


@dataclass(frozen=True)
class Guest:
    """The machine of a guest. All of this machine is read-only for it; what it writes goes elsewhere.

    Attributes:
        changes: Where that goes.
        given: What it sees, and may change, at a path: a file or a directory of this machine. The path is below one of
            the directories that it may change.
        hidden: Directories and files of this machine that it sees empty.
    """

    changes: Path
    given: Mapping[str, Path]
    hidden: Sequence[Path] = ()

    def told(self, *, as_user: bool) -> dict[str, Any]:
        """What a launcher is told; makes the directories for the changes.

        Args:
            as_user: Whether the guest has the rights of a user here, who is no root: directories of root's are made its
                own where scripts write to them, and one that the user may not read is seen empty.
        """
        laid, unread = {}, {}
        for path in filter(os.path.isdir, _CHANGED):
            changed, work = self._changed(path), self.changes / path[1:] / "work"
            for directory in (changed, work):
                directory.mkdir(parents=True, exist_ok=True)
            if os.access(path, os.R_OK | os.X_OK):
                laid[path] = [str(changed), str(work)]
            else:
                unread[path] = str(changed)
        if as_user:
            self._own()
        given = {target: str(source) for target, source in self.given.items()}
        return {"laid": laid, "given": {**unread, **given}, "hidden": list(map(str, self.hidden))}

    def _changed(self, path: str) -> Path:
        """Where what is changed below one of the directories goes."""
        top, _, below = path[1:].partition("/")
        return self.changes / top / "changed" / below

    def _own(self) -> None:
        """Makes the guest the owner of directories: of one that is there twice, the system shows the guest's."""
        for parent in map(Path, _WRITTEN_TO):
            for path in (parent, *sorted(parent.glob("*"))):
                if path.is_dir() and not path.is_symlink():
                    self._changed(str(path)).mkdir(parents=True, exist_ok=True)
