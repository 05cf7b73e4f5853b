"""Matching by what users write, in time linear in the text, where ministack leaves it to a backtracking `re`."""

import re
from functools import lru_cache
from typing import Any, Final

_KEPT: Final = 4096


@lru_cache(_KEPT)
def compile_wildcards(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """What matches a text by a pattern of IAM: `*` for any characters, `?` for one.

    What stands between two `*` is looked for at the first place where it can be, and no other place is tried: a later
    one cannot help what follows.

    Args:
        pattern: The pattern.
        ignore_case: Whether capital letters are as good as small ones.
    """
    first, *others = map(_literal, pattern.split("*"))
    inner = "".join(f"(?>.*?{each})" for each in others[:-1] if each)
    last = f".*{others[-1]}" if others else ""
    return re.compile(f"^{first}{inner}{last}$", re.IGNORECASE if ignore_case else re.NOFLAG)


def _literal(text: str) -> str:
    return "".join("." if each == "?" else re.escape(each) for each in text)


class LinearExpressions:
    """The module `re` for a module that compiles its users' expressions, which RE2 matches here."""

    def compile(self, pattern: str, flags: int = 0) -> Any:
        """An expression.

        Raises:
            re.error: RE2 cannot search for it, or it is none.
        """
        import re2  # noqa: PLC0415 - few emulators ever need it

        options = re2.Options()
        options.log_errors, options.case_sensitive = False, not flags & re.IGNORECASE
        try:
            return re2.compile(pattern, options)
        except re2.error as error:
            raise re.error(str(error)) from error

    def fullmatch(self, pattern: str, text: str, flags: int = 0) -> Any:
        """A match of the whole text."""
        return self.compile(pattern, flags).fullmatch(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(re, name)
