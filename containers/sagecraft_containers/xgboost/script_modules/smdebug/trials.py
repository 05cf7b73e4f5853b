"""Reading what a hook has saved: there is nothing to read here."""

from typing import NoReturn


def create_trial(path: str, **_: object) -> NoReturn:
    """There are no tensors.

    Raises:
        NotImplementedError: Always.
    """
    raise NotImplementedError(f"smdebug saves no tensors in this container, so there is no trial to read at '{path}'.")
