"""Sphinx's settings: guides in Markdown, and a reference made from the docstrings and the command's own help."""

import inspect
import json
import os
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from sagecraft_infra.toolchain import node
from sphinx.application import Sphinx

sys.path.append(str(Path(__file__).parents[1]))

from docs.algorithms import built_in_algorithms

os.environ["JSII_NODE"] = str(node())  # aws_cdk starts it when it is imported

project = "Sagecraft"
author = copyright = "The Sagecraft authors"  # noqa: A001 - Sphinx's name for it
release = version = installed_version("sagecraft")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "house/*.md", "guide/teams/*.md"]  # included by others
html_theme = "furo"
html_title = f"Sagecraft {release}"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
autoclass_content = "both"
autodoc_class_signature = "mixed"
default_role = "code"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

COMMAND_REFERENCE = Path(__file__).parent / "reference" / "command.md"
ALGORITHMS_PAGE = COMMAND_REFERENCE.with_name("algorithms.md")
NOTEBOOKS = Path(__file__).parents[1] / "examples" / "notebooks"
NOTEBOOK_PAGES = Path(__file__).parent / "notebooks"


def write_command_reference(_: Sphinx) -> None:
    """Writes the page of the command from what `sagecraft --help` says of itself."""
    typer = [sys.executable, "-m", "typer", "--app", "application", "sagecraft_infra.cli.application"]
    arguments = ["utils", "docs", "--name", "sagecraft", "--title", "The sagecraft command"]
    subprocess.run([*typer, *arguments, "--output", str(COMMAND_REFERENCE)], check=True, capture_output=True)


def write_algorithms_page(_: Sphinx) -> None:
    """Writes the page of AWS's built-in algorithms from the catalog."""
    ALGORITHMS_PAGE.write_text(built_in_algorithms(), "utf-8")


def write_notebook_pages(_: Sphinx) -> None:
    """Writes a page of each notebook that the project ships."""
    NOTEBOOK_PAGES.mkdir(exist_ok=True)
    for file in NOTEBOOKS.glob("*.ipynb"):
        text = "\n".join(map(_markdown, json.loads(file.read_text("utf-8"))["cells"]))
        NOTEBOOK_PAGES.joinpath(file.stem).with_suffix(".md").write_text(text, "utf-8")


def _markdown(cell: dict[str, Any]) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return f"{source}\n"
    language = "text" if source.startswith("%") else "python"  # a command of Jupyter's is no Python
    return f"```{language}\n{source}\n```\n"


def constructor_signature(
    _: Sphinx, kind: str, __: str, obj: object, ___: object, signature: str | None, ____: str | None
) -> tuple[str, None] | None:
    """The signature of a construct: its metaclass, jsii's, hides it."""
    if kind != "class" or signature != "(*args, **kwargs)" or not isinstance(obj, type):
        return None
    parameters = list(inspect.signature(obj.__init__).parameters.values())[1:]
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return str(inspect.Signature(bare)), None


def setup(app: Sphinx) -> None:
    """Has the pages of the command and of notebooks written before each build, and signatures put right."""
    app.connect("builder-inited", write_command_reference)
    app.connect("builder-inited", write_algorithms_page)
    app.connect("builder-inited", write_notebook_pages)
    app.connect("autodoc-process-signature", constructor_signature)
