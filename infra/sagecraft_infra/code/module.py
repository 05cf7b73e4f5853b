"""A Python module with a stack, as it is written."""

import re
import subprocess
import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagecraft_infra.errors import UserError

LINE_LENGTH: Final = 120
_INDENT: Final = " " * 8
_CDK_ALIASES: Final = {"ec2": "aws_ec2", "iam": "aws_iam", "kms": "aws_kms", "s3": "aws_s3"}


class Module:
    """Collects imports, constants and the statements of one stack; its text is formatted by ruff."""

    def __init__(self, *, account: str, region: str, partition: str) -> None:
        """Begins empty.

        Args:
            account: Where the stack goes.
            region: Where the stack goes.
            partition: Of its ARNs.
        """
        self.account = account
        self.region = region
        self.partition = partition
        self._names: dict[str, set[str]] = defaultdict(set)
        self._aliases: set[str] = set()
        self._constants: list[str] = []
        self._statements: list[str] = []
        self._variables: dict[tuple[str, str], str] = {}
        self._ids: set[str] = set()

    def cdk(self, *names: str) -> None:
        """Imports names from `aws_cdk`; modules of it by the alias that they go by, such as `s3`."""
        self._aliases.update(name for name in names if name in _CDK_ALIASES)
        self._names["aws_cdk"].update(name for name in names if name not in _CDK_ALIASES)

    def ours(self, *names: str) -> None:
        """Imports names from `sagecraft_constructs`."""
        self._names["sagecraft_constructs"].update(names)

    def constant(self, name: str, text: str) -> str:
        """Declares a text of several lines at the top of the module; returns its name."""
        if "\\" in text or '"""' in text or (not text.isprintable() and re.search(r"[^\S\n\t ]", text)):
            lines = ",\n".join(literal(line) for line in text.splitlines(keepends=True))
            self._constants.append(f'{name} = "".join([\n{lines},\n])')
        else:
            end = "" if text.endswith("\n") else "\\\n"
            self._constants.append(f'{name} = """\\\n{text}{end}"""')
        return name

    def variable(self, what: str, key: str, wanted: str, create: str) -> str:
        """The variable that holds something that exists, declared the first time that it is asked for.

        Args:
            what: What it is, such as `bucket`.
            key: What tells it apart from others, such as its name.
            wanted: What the variable is called if no other is.
            create: The expression that makes it; `{id}` stands for its construct id.
        """
        known = self._variables.get((what, key))
        if known is not None:
            return known
        name, number = wanted, 1
        while name in self._variables.values():
            number += 1
            name = f"{wanted}_{number}"
        self._variables[what, key] = name
        self.statement(f"{name} = {create.replace('{id}', literal(pascal(name)))}")
        return name

    def statement(self, text: str) -> None:
        """Adds a statement to the stack."""
        self._statements.append(text)

    def comment(self, text: str) -> None:
        """Adds a comment to the stack, in lines that are not too long."""
        self._statements.append(
            "\n".join(
                textwrap.wrap(
                    text,
                    LINE_LENGTH - len(_INDENT),
                    initial_indent="# ",
                    subsequent_indent="# ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
        )

    def source(self, name: str, docstring: str) -> str:
        """The text of the module, formatted.

        Args:
            name: Of the class; the stack itself is called so without its `Stack`.
            docstring: Of the module.
        """
        self.cdk("App", "Environment", "Stack")
        self._names["constructs"].add("Construct")
        first = docstring.partition("\n")[0]
        body = "\n".join(self._statements)
        text = "\n".join(
            [
                f'"""{docstring}"""',
                "",
                *(f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self._names.items())),
                *(f"from aws_cdk import {_CDK_ALIASES[alias]} as {alias}" for alias in sorted(self._aliases)),
                "",
                *self._constants,
                "",
                f"class {name}(Stack):",
                f'    """{first}"""',
                "",
                "    def __init__(self, scope: Construct, id: str, *, env: Environment | None = None) -> None:",
                "        super().__init__(scope, id, env=env)",
                textwrap.indent(body, _INDENT),
                "",
                'if __name__ == "__main__":',
                "    app = App()",
                f"    env = Environment(account={literal(self.account)}, region={literal(self.region)})",
                f"    {name}(app, {literal(name.removesuffix('Stack'))}, env=env)",
                "    app.synth()",
                "",
            ]
        )
        return formatted(text)


def literal(value: Any) -> str:
    """A value as Python code."""
    return repr(value)


def call(function: str, *arguments: str, **keywords: str | None) -> str:
    """A call as Python code; keywords that are `None` are left out."""
    given = [*arguments, *(f"{name}={value}" for name, value in keywords.items() if value is not None)]
    return f"{function}({', '.join(given)})"


def list_of(values: Sequence[str]) -> str:
    """A list of expressions as Python code."""
    return f"[{', '.join(values)}]"


def dict_of(values: Mapping[str, str]) -> str:
    """A dict of expressions as Python code."""
    return f"{{{', '.join(f'{literal(name)}: {value}' for name, value in values.items())}}}"


def pascal(name: str) -> str:
    """`my-job_2` as `MyJob2`, for a class or a construct."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return joined if joined[:1].isalpha() else f"Imported{joined}"


def formatted(text: str) -> str:
    """The text as ruff formats it, with sorted imports.

    Raises:
        UserError: ruff is not installed.
    """
    try:
        from ruff.__main__ import (  # type: ignore[import-untyped]  # it has no types # noqa: PLC0415 - no other command needs it
            find_ruff_bin,
        )
    except ModuleNotFoundError as error:
        raise UserError("sagecraft import needs the package ruff. Run: pip install 'sagecraft[local]'") from error
    options = ("--isolated", "--quiet", "--line-length", str(LINE_LENGTH), "--stdin-filename", "stack.py", "-")
    # Where it runs must not matter: a folder of that name would make `constructs` the project's own.
    third_party = 'lint.isort.known-third-party = ["aws_cdk", "constructs", "sagecraft_constructs"]'
    # A variable that nothing was done with afterwards is not needed.
    tidy = ("check", "--select", "I,F841", "--fix", "--unsafe-fixes", "--config", third_party)
    for command in (tidy, ("format",)):
        done = subprocess.run(
            [find_ruff_bin(), *command, *options], input=text, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text
