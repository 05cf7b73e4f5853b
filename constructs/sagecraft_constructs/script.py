"""Shell scripts that SageMaker runs where people work."""

import base64
from typing import Final

from .errors import Problems
from .tokens import is_token

_MAXIMUM_CONTENT_CHARACTERS: Final = 16_384


def check_script(problems: Problems, prop: str, script: str | None) -> None:
    """Notes a script that is empty, or longer than SageMaker takes it, which is in base64."""
    if script is None or is_token(script):
        return
    if not script:
        problems.add(prop, "the script is empty, which SageMaker does not take.")
    characters = len(base64.b64encode(script.encode()))
    if characters > _MAXIMUM_CONTENT_CHARACTERS:
        problems.add(
            prop,
            f"the script has {characters} characters in base64, but SageMaker allows {_MAXIMUM_CONTENT_CHARACTERS}; "
            "put the rest into a file that the script fetches, from S3 for one.",
        )
