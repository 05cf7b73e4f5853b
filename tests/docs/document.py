"""A document of the project: its code blocks, in their order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "docs" / "notebooks"
"""Pages that are made from notebooks, which are run as such."""
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent != NOTEBOOKS),
]
_FILE = re.compile(r"# (\S+\.(?:py|toml|json))\n")


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        language: What stands behind its fence.
        text: Its content.
        line: Where it begins in the document, from 1.
    """

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The file of a project that the block is, as its first line says; None where it is not one."""
        named = _FILE.match(self.text)
        return named[1] if named else None


def blocks(document: Path) -> Iterator[Block]:
    """The code blocks of a document."""
    for token in MarkdownIt().parse(document.read_text(encoding="utf-8")):
        if token.type == "fence":
            assert token.map is not None
            yield Block(token.info.strip(), token.content, token.map[0] + 1)


def command_lines(text: str) -> Iterator[list[str]]:
    """The command lines of a block, as words, without their comments."""
    for line in text.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words
