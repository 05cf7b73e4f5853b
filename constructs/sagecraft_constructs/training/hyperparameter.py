"""Hyperparameters, which SageMaker passes to a container as strings."""

import json

from sagecraft_constructs.job.reference import as_token_text
from sagecraft_constructs.tokens import is_token

HyperparameterValue = str | int | float | bool


def as_text(value: HyperparameterValue) -> str:
    """The value as the algorithms of AWS read it."""
    if is_token(value):
        return value if isinstance(value, str) else as_token_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def as_json(value: HyperparameterValue) -> str:
    """The value as the containers of AWS's frameworks read it, which pass it on to the user's script.

    The text of a token is put between quotes as it is.
    """
    if not isinstance(value, str) and is_token(value):
        return as_token_text(value)
    return json.dumps(value)
