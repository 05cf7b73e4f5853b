"""What a sandbox sees of this machine: all of it, but for what is nobody's who works in one."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

_CHANGED: Final = ("/etc", "/home", "/root", "/run", "/srv", "/usr", "/var")
"""The directories of the system that a guest may change, of which it sees this machine's content."""
_WRITTEN_TO: Final = ("/etc", "/usr/local", "/var")
"""Where scripts write to what lies directly below, such as `/usr/local/bin`."""
_SECRETS: Final = ("*shadow*", "krb5.keytab", "ssh/*_key", "ssl/private", "sudoers*")
_OF_PIP: Final = (".cache", ".pip")
"""What pip has in a home besides `_SETTINGS_OF_PIP`: where packages come from, and those that are there already."""
_SETTINGS_OF_PIP: Final = Path(".config", "pip")
_TMP: Final = Path("/tmp")  # noqa: S108 - the sandbox covers it with a directory of its own


@dataclass(frozen=True)
class View:
    """What a sandbox does not see of this machine.

    Attributes:
        hidden: Directories and files that it sees empty.
        shown: What lies in those directories, and it sees all the same.
    """

    hidden: Sequence[Path] = ()
    shown: Sequence[Path] = ()

    @classmethod
    def of(cls, state_dir: Path, needed: Iterable[Path], shown: Iterable[Path] = ()) -> "View":
        """The view of a sandbox of an emulator.

        What the emulator keeps for all is hidden, the directories of other sandboxes among it, and what of this machine
        is for root alone, whose rights a sandbox has where the emulator has them. So is what the home of this machine's
        user has of keys, passwords and settings.

        Args:
            state_dir: Where the emulator keeps everything.
            needed: What the sandbox reads of this machine.
            shown: What it sees of what is hidden.
        """
        home = Path.home()
        own = [each for each in own_paths() if each.is_relative_to(state_dir)]
        seen = [each for each in (*shown, *own) if each.exists()]
        return cls([state_dir, *_private(home, tuple(needed)), *_secrets()], seen)

    @classmethod
    def of_job(cls, state_dir: Path, needed: Iterable[Path], shown: Iterable[Path]) -> "View":
        """The view of one whose programs are found, and their packages installed, as those of this machine's user are.

        Args:
            state_dir: As `of` takes it.
            needed: As `of` takes it.
            shown: As `of` takes it.
        """
        home = Path.home()
        programs = map(Path, os.get_exec_path())
        return cls.of(
            state_dir,
            [*needed, *programs, *(home / each for each in _OF_PIP)],
            [*shown, home / _SETTINGS_OF_PIP],
        )

    def without(self, paths: Iterable[str]) -> "View":
        """The same but for what is seen at these paths, which hides what this would."""
        return View([each for each in self.hidden if str(each) not in {*paths}], self.shown)

    def with_shown(self, path: Path) -> "View":
        """The same with one more that is seen."""
        return View(self.hidden, [*self.shown, path])

    def told(self) -> dict[str, Any]:
        """What a launcher is told."""
        return {"hidden": list(map(str, self.hidden)), "shown": list(map(str, self.shown))}


ALL: Final = View()
"""All of this machine."""


@dataclass(frozen=True)
class Guest:
    """What a sandbox in which a person works has besides that of a job: a machine to change, which is not changed.

    All of this machine is read-only for it; what it writes goes elsewhere.

    Attributes:
        changes: Where that goes.
        given: What it sees, and may change, at a path: a file or a directory of this machine. The path is below one of
            the directories that it may change.
    """

    changes: Path
    given: Mapping[str, Path]

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
        return {"laid": laid, "given": {**unread, **given}}

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


def _private(home: Path, needed: tuple[Path, ...]) -> list[Path]:
    """What of a home is nothing to whoever works in a sandbox.

    Args:
        home: The home.
        needed: What the sandbox reads of this machine.
    """
    kept = _names_below(home, needed)
    with suppress(OSError), os.scandir(home) as entries:
        hidden = [each for each in entries if each.name.startswith(".") and each.name not in kept]
        return sorted(Path(each) for each in hidden if not (each.is_symlink() and _leads_to(Path(each), needed)))
    return []


@lru_cache(maxsize=128)
def _names_below(home: Path, needed: tuple[Path, ...]) -> frozenset[str]:
    """The names of the entries of a home in which something lies that is needed."""
    paths = {path for each in (*own_paths(), *needed) for path in (each, each.resolve())}
    below = (path.relative_to(home).parts for path in paths if path.is_relative_to(home))
    return frozenset(parts[0] for parts in below if parts)


def _leads_to(link: Path, needed: Iterable[Path]) -> bool:
    """Whether something lies where a link leads to that is needed."""
    place = link.resolve()
    return any(each.resolve().is_relative_to(place) for each in (*own_paths(), *needed))


@cache
def _secrets() -> list[Path]:
    """What of this machine is for root alone."""
    return [each for pattern in _SECRETS for each in sorted(Path("/etc").glob(pattern))]


def kept_of_tmp(named: Sequence[str]) -> list[str] | None:
    """The directories in the machine's `/tmp` in which lies what the program is, runs or reads: they stay seen there.

    None where it lies in `/tmp` itself, beside whatever else it may need; then that is not covered at all.
    """
    paths = [Path(each).resolve() for each in named if os.sep in each]
    kept = set()
    for below in (*own_paths(), *paths):
        if below.is_relative_to(_TMP):
            top = _TMP.joinpath(*below.relative_to(_TMP).parts[:1])
            if top == _TMP or not top.is_dir():
                return None
            kept.add(str(top))
    return sorted(kept)


@cache
def own_paths() -> tuple[Path, ...]:
    """Where this interpreter and its packages lie, which the programs of our images use: a `.pth` file may name any."""
    packages = (Path(each) for each in sys.path if each)
    paths = (Path(sys.prefix), Path(sys.base_prefix), Path(__file__), *(each for each in packages if each.is_dir()))
    return tuple({each.resolve() for each in paths})
