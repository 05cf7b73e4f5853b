"""Sphinx's settings: guides in Markdown, and a reference made from the docstrings and the command's own help."""

import inspect
import os
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from sagecraft_infra.toolchain import node
from sphinx.application import Sphinx

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


def write_command_reference(_: Sphinx) -> None:
    """Writes the page of the command from what `sagecraft --help` says of itself."""
    typer = [sys.executable, "-m", "typer", "--app", "application", "sagecraft_infra.cli.application"]
    arguments = ["utils", "docs", "--name", "sagecraft", "--title", "The sagecraft command"]
    subprocess.run([*typer, *arguments, "--output", str(COMMAND_REFERENCE)], check=True, capture_output=True)


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
    """Has the page of the command written before each build, and signatures put right."""
    app.connect("builder-inited", write_command_reference)
    app.connect("autodoc-process-signature", constructor_signature)
