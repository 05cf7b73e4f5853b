"""The code for what exists, and what `cdk import` needs to take it over."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sagecraft_infra.code.module import Module, pascal
from sagecraft_infra.noun.importable import Existing
from sagecraft_infra.target import Target


@dataclass(frozen=True)
class Imported:
    """What an import wrote.

    Attributes:
        source: The text of a Python module.
        mapping: By logical id, the identifier by which `cdk import` finds a resource; empty where CloudFormation has no
            type for it.
    """

    source: str
    mapping: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def import_existing(target: Target, region: str, existing: Existing) -> Imported:
    """Writes the construct code for something that exists.

    Args:
        target: Where it is.
        region: Where there.
        existing: What.
    """
    module = Module(account=existing.account, region=region, partition=existing.arn.split(":")[1])
    resources = existing.kind.write(module, target, region, existing)
    name = pascal(existing.name)
    how = (
        "To take it over: cdk import --resource-mapping FILE.import.json"
        if resources
        else "CloudFormation has no type for it: deploying this runs another job, defined as that one was."
    )
    doc = f"The {existing.kind.api.words} {existing.name}, as it was in {region}.\n\n{how}\n"
    return Imported(
        source=module.source(f"{name}Stack", doc),
        mapping={logical_id(path): identifier for path, identifier in resources.items()},
    )


def logical_id(construct_path: str) -> str:
    """The logical id that the CDK gives to the resource of a construct.

    Args:
        construct_path: From below the stack on, such as `Endpoint/Resource`.
    """
    parts = construct_path.split("/")
    if len(parts) == 1:
        return re.sub(r"[^A-Za-z0-9]", "", parts[0])
    digest = hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()[:8].upper()
    human = "".join(re.sub(r"[^A-Za-z0-9]", "", part) for part in parts if part != "Resource")
    return f"{human}{digest}"
