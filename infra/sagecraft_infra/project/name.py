"""The name of a new project, as its distribution, its Python package and its stacks spell it."""

import keyword
import re
import sys
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from sagecraft_infra.errors import UserError

_ALLOWED: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)*")
_LONGEST: Final = 40
"""A stack's name may have 128 characters, but those of buckets, roles and jobs, which begin with it, 63 or 64."""
_OWN_FOLDERS: Final = frozenset({"app", "data", "settings", "tests"})


@dataclass(frozen=True)
class ProjectName:
    """A name in its three spellings.

    Attributes:
        distribution: As given, such as `titanic-survival`.
        package: What Python imports, such as `titanic_survival`.
        stack: What the names of stacks and their class begin with, such as `TitanicSurvival`.
    """

    distribution: str
    package: str
    stack: str

    @classmethod
    def parse(cls, name: str) -> "ProjectName":
        """Spells a name.

        Raises:
            UserError: It cannot be the name of a Python package or of a stack; with every reason.
        """
        problems = []
        if _ALLOWED.fullmatch(name) is None:
            problems.append(
                "it should begin with an ASCII letter and go on with letters and digits, in parts joined by '-', '_' "
                "or '.', because stacks and Python packages are named after it"
            )
        if len(name) > _LONGEST:
            problems.append(f"it should have at most {_LONGEST} characters, got {len(name)}")
        parts = re.split(r"[-_.]", name)
        package = "_".join(parts).lower()
        problems += _package_problems(package)
        if problems:
            raise UserError(
                f"'{name}' cannot be the name of a project: {'; '.join(problems)}. "
                f"Give another one with --name, such as: --name {_proposal(name)}"
            )
        return cls(name, package, "".join(part[:1].upper() + part[1:] for part in parts))


def _package_problems(package: str) -> list[str]:
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        return [f"'{package}' is a keyword of Python"]
    if package in sys.stdlib_module_names:
        return [f"the package would hide the module '{package}' of Python's standard library"]
    if package in _OWN_FOLDERS:
        return [f"'{package}' is a file or folder of every project, beside the package"]
    if package.isidentifier() and find_spec(package) is not None:
        return [f"the package would hide '{package}', which is installed in this Python"]
    return []


def _proposal(name: str) -> str:
    """A name that is allowed and as near as can be."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parts = re.findall(r"[a-z0-9]+", ascii_name.lower())
    near = "-".join(parts)
    if not near[:1].isalpha() or _package_problems(near.replace("-", "_")):
        near = "-".join(["my", *parts]) if parts else "my-project"
    return near[:_LONGEST].rstrip("-")
