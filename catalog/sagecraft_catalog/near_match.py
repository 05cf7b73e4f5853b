"""What a misspelt name most probably meant."""

import difflib
from collections.abc import Collection


def near_matches(value: str, allowed: Collection[str]) -> list[str]:
    """Up to three of the allowed names that look most like the value, the likeliest first."""
    by_folded = {name.casefold(): name for name in allowed}
    return [by_folded[match] for match in difflib.get_close_matches(value.casefold(), by_folded, n=3, cutoff=0.6)]


def did_you_mean(value: str, allowed: Collection[str]) -> str:
    """A clause for the end of a message, with a leading space; empty when nothing comes near."""
    matches = near_matches(value, allowed)
    return f" Did you mean {enumerate_names(matches)}?" if matches else ""


def enumerate_names(names: Collection[str], last: str = "or") -> str:
    """`'a', 'b' or 'c'`."""
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
