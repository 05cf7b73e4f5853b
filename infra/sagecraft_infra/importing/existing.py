"""What exists in an account and can be imported."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Final

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import any_of, near
from sagecraft_infra.noun.importable import Existing, Importable
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

_NAMES_LOOKED_AT: Final = 500


def find_existing(target: Target, region: str, name: str, kinds: Sequence[Importable]) -> Existing:
    """The one of that name.

    Args:
        target: Where to look.
        region: Where there.
        name: Its name.
        kinds: What it may be.

    Raises:
        UserError: There is none, with the near matches; or there are several of different kinds.
    """
    client = target.sagemaker(region)
    described = [(kind, found(partial(kind.api.describe, client, name))) for kind in kinds]
    present = [Existing(kind, name, description) for kind, description in described if description is not None]
    if len(present) == 1:
        return present[0]
    if present:
        named = ", ".join(each.kind.api.words for each in present)
        choice = " or ".join(f"--kind {each.kind.name}" for each in present)
        raise UserError(f"There are several called '{name}' in {region}: {named}. Say which: {choice}")
    names = [other for kind in kinds for other in islice(kind.api.newest(client), _NAMES_LOOKED_AT)]
    nothing = f"{region} has none at all; is it the right region? Give another with --region."
    raise UserError(
        f"There is no {any_of([kind.api.words for kind in kinds])} '{name}' in {region}. {near(name, names, nothing)}"
    )
