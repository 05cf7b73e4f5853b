"""New projects, made of the folders in `templates/`.

The files there are real ones: a project named `sagecraft-project`, with the package `sagecraft_project` and the stacks
`SagecraftProject…`. These three spellings are all that is replaced. A template is made of several folders, the later
laid upon the earlier.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import astuple
from enum import StrEnum
from pathlib import Path
from typing import Final

from sagecraft_catalog.near_match import did_you_mean, enumerate_names

from sagecraft_infra.errors import UserError

from .name import ProjectName

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"
_PLACEHOLDER: Final = ProjectName("sagecraft-project", "sagecraft_project", "SagecraftProject")
_NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", "*.pyc")


class ProjectTemplate(StrEnum):
    """What a new project begins with."""

    TITANIC = "titanic"
    TUNING = "tuning"
    NOTEBOOK = "notebook"
    STUDIO = "studio"

    @classmethod
    def named(cls, name: str) -> "ProjectTemplate":
        """The template of that name.

        Raises:
            UserError: There is none; naming the near match and those that there are.
        """
        try:
            return cls(name)
        except ValueError:
            names = [str(each) for each in cls]
            raise UserError(
                f"There is no template '{name}'.{did_you_mean(name, names)} There are {enumerate_names(names, 'and')}."
            ) from None

    @property
    def description(self) -> str:
        """What is in it, in a few words."""
        match self:
            case ProjectTemplate.TITANIC:
                return "a training job and the endpoint of its model"
            case ProjectTemplate.TUNING:
                return "a tuning job and the endpoint of the best model"
            case ProjectTemplate.NOTEBOOK:
                return "a notebook instance that may read the data"
            case ProjectTemplate.STUDIO:
                return "SageMaker Studio for people who may read the data"

    def make(self, directory: Path, name: ProjectName) -> list[Path]:
        """Makes a project.

        Args:
            directory: Where; it does not exist yet, or is empty but for `.git`.
            name: Of the project.

        Returns:
            The files, relative to the directory.

        Raises:
            UserError: There is something in the directory, or it cannot be written. Nothing is changed then.
        """
        _check_empty(directory)
        existed = directory.exists()
        staged: Path | None = None
        try:
            parent = directory if existed else _nearest(directory)
            staged = Path(tempfile.mkdtemp(prefix=".sagecraft-init-", dir=parent))
            for folder in self._folders:
                shutil.copytree(_TEMPLATES / folder, staged, dirs_exist_ok=True, ignore=_NOT_COPIED)
            _rename(staged, name)
            files = sorted(file.relative_to(staged) for file in staged.rglob("*") if file.is_file())
            directory.mkdir(parents=True, exist_ok=True)
            for child in staged.iterdir():
                child.rename(directory / child.name)
        except OSError as error:
            raise UserError(
                f"The project cannot be written into {directory}: {error.strerror}. Choose a folder that you may write."
            ) from error
        finally:
            if staged is not None:
                shutil.rmtree(staged, ignore_errors=True)
        return files

    @property
    def _folders(self) -> Sequence[str]:
        if self in {ProjectTemplate.NOTEBOOK, ProjectTemplate.STUDIO}:
            return ("common", "dataset", self.value)
        return ("common", "dataset", "endpoint", self.value)


def _check_empty(directory: Path) -> None:
    """A repository that has no files yet is empty, too."""
    if directory.is_symlink() and not directory.exists():
        raise UserError(f"{directory} is a link to nothing. Choose another folder.")
    try:
        present = sorted(child.name for child in directory.iterdir() if child.name != ".git")
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise UserError(f"{directory} is no folder. Choose another one.") from error
    except OSError as error:
        raise UserError(f"{directory} cannot be read: {error.strerror}. Choose another folder.") from error
    if present:
        more = f" and {len(present) - 3} more" if len(present) > 3 else ""
        raise UserError(
            f"{directory} is not empty: there is {', '.join(present[:3])}{more}. "
            "Nothing was changed. Choose a folder that is empty or does not exist."
        )


def _nearest(directory: Path) -> Path:
    """The nearest folder above that exists."""
    return next(parent for parent in directory.parents if parent.is_dir())


def _rename(project: Path, name: ProjectName) -> None:
    """Puts the name into the files of a project, and into the names of its folders."""
    for root, folders, files in os.walk(project):
        for each in files:
            file = Path(root, each)
            text = file.read_text(encoding="utf-8")
            file.write_text(_renamed(text, name), encoding="utf-8")
        for position, each in enumerate(folders):
            folders[position] = _renamed(each, name)
            Path(root, each).rename(Path(root, folders[position]))


def _renamed(text: str, name: ProjectName) -> str:
    """All spellings at once: the name may itself hold one of those that are replaced."""
    spellings = dict(zip(astuple(_PLACEHOLDER), astuple(name), strict=True))
    return re.sub("|".join(spellings), lambda found: spellings[found[0]], text)
