"""The values of metrics in the text of a log."""

from collections.abc import Iterator, Sequence
from typing import Final

import re2

from .expression import by_line, compile_expression, options

_MAX_BYTES: Final = 16 * 1_048_576
"""What all expressions together may take, the states that they have been in included."""
_MARK: Final = b"\0all expressions in one pass\0"
"""A text that is found only where one pass is possible."""


Found = tuple[int, int, float]
"""The line that a value stands in, and the definition that it is of, both from 0, and the value."""


class LogScanner:
    """Finds in each line the value of each metric: what the first group of its regular expression matches.

    One pass over the text tells which metrics it has, of however many; only for those it is searched again.

    Args:
        regexes: The expressions of the definitions.

    Raises:
        WrongExpression: One cannot be searched for.
    """

    def __init__(self, regexes: Sequence[str]) -> None:
        self._expressions = [compile_expression(each) for each in regexes]
        self._all = _all_of(regexes)

    def scan(self, text: bytes) -> list[Found]:
        """The values in a text, in the order of its lines."""
        present = range(len(self._expressions)) if self._all is None else self._all.Match(text) or ()
        return sorted(found for definition in present for found in self._values(definition, text))

    def _values(self, definition: int, text: bytes) -> Iterator[Found]:
        expression = self._expressions[definition]
        if expression.groups == 0:
            return
        line = counted = 0
        for match in expression.finditer(text):
            first, last = match.span(1)
            try:
                value = float(text[first:last])
            except ValueError:
                continue
            line += text.count(b"\n", counted, first)
            counted = first
            yield line, definition, value


def _all_of(regexes: Sequence[str]) -> re2.Set | None:
    """What finds all expressions in one pass; None where that would take too much memory."""
    found = re2.Set.SearchSet(options(_MAX_BYTES))
    try:
        for each in regexes:
            found.Add(by_line(each))
        mark = found.Add(re2.escape(_MARK))
        found.Compile()
    except re2.error:
        return None
    return found if found.Match(_MARK) == [mark] else None
