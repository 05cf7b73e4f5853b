"""What an emulator cannot do of what an app declares."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from sagecraft_infra.emulator.external import EmulatorKind, ExternalEmulator
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Assembly

CUSTOM_RESOURCE: Final = "AWS::CloudFormation::CustomResource"
_CUSTOM: Final = "Custom::"
_CUSTOM_JOB: Final = "Custom::SageMaker"
_SAGEMAKER: Final = "AWS::SageMaker::"
_STACK: Final = "AWS::CloudFormation::Stack"
_ASSET_PATH: Final = "aws:asset:path"
_METADATA: Final = "AWS::CDK::Metadata"
_NO_TYPE: Final = "LocalStack's CloudFormation has no such type: it reports the resource as made, and makes nothing"
_LICENSED: Final = "LocalStack's own SageMaker would answer; whether that runs anything is not known"
_RECORDED: Final = "moto writes it down and runs nothing: no container starts and no model answers"
_ADVICE: Final = (
    "Leave out --endpoint-url, which starts an emulator that does all of it; or install Sagecraft in LocalStack's "
    "environment: pip install 'sagecraft[emulator]'."
)


@dataclass(frozen=True)
class Limit:
    """Resources of an app that an emulator cannot make.

    Attributes:
        resource_type: Their type.
        count: How many there are.
        reason: What becomes of them there.
    """

    resource_type: str
    count: int
    reason: str

    def __str__(self) -> str:
        number = "" if self.count == 1 else f" ({self.count})"
        return f"{self.resource_type}{number}: {self.reason}"


def limits(emulator: ExternalEmulator, assembly: Assembly) -> list[Limit]:
    """What of an app the emulator cannot do; nothing where all of it works."""
    counted = Counter(chain.from_iterable(_types(stack.template_file) for stack in assembly.stacks))
    found = []
    for resource_type, count in sorted(counted.items()):
        reason = _reason(emulator, resource_type)
        if reason is not None:
            found.append(Limit(resource_type, count, reason))
    return found


def refuse_limits(emulator: ExternalEmulator, assembly: Assembly, *, anyway: bool) -> list[Limit]:
    """What of an app the emulator cannot do, where the user wants it deployed all the same.

    Raises:
        UserError: There is such a thing, and the user has not said so.
    """
    found = limits(emulator, assembly)
    if found and not anyway:
        lines = "\n".join(f"  {limit}" for limit in found)
        raise UserError(
            f"{emulator.name} at {emulator.endpoint_url} cannot do all that the app declares. Nothing was deployed.\n"
            f"{lines}\n{_ADVICE} To deploy there what it can do, and have the rest reported as it is, add --anyway."
        )
    return found


def _types(template_file: Path) -> Iterable[str]:
    """The types of a template's resources, and of those in the templates that it nests."""
    template = json.loads(template_file.read_text(encoding="utf-8"))
    for resource in template.get("Resources", {}).values():
        yield resource["Type"]
        nested = resource.get("Metadata", {}).get(_ASSET_PATH)
        if resource["Type"] == _STACK and nested is not None:
            yield from _types(template_file.parent / nested)


def _reason(emulator: ExternalEmulator, resource_type: str) -> str | None:
    """What becomes of a resource of that type; None where it is made."""
    if emulator.resource_types is not None:
        custom = resource_type.startswith(_CUSTOM)
        known = {*emulator.resource_types, _METADATA}
        return None if (CUSTOM_RESOURCE if custom else resource_type) in known else _NO_TYPE
    if emulator.has_sagecraft:
        return None
    return next((reason for prefix, reason in _undone(emulator).items() if resource_type.startswith(prefix)), None)


def _undone(emulator: ExternalEmulator) -> Mapping[str, str]:
    """What becomes of resources whose type begins so, in emulators without our service. The first that fits counts."""
    match emulator.kind:
        case EmulatorKind.LOCALSTACK if not emulator.has_sagemaker:
            functions = "LocalStack's open core calls no function for it: it reports the resource as made"
            return {_CUSTOM: functions, CUSTOM_RESOURCE: functions, _SAGEMAKER: _NO_TYPE}
        case EmulatorKind.LOCALSTACK:
            return {_CUSTOM_JOB: _LICENSED, _SAGEMAKER: _LICENSED}
        case EmulatorKind.MOTO:
            never = "moto never calls the function of a custom resource"
            return {_CUSTOM: never, CUSTOM_RESOURCE: never, _SAGEMAKER: _RECORDED}
        case EmulatorKind.MINISTACK:
            return dict.fromkeys((_CUSTOM_JOB, _SAGEMAKER), "ministack alone has no SageMaker")
        case EmulatorKind.SAGECRAFT | EmulatorKind.OTHER:
            return dict.fromkeys((_CUSTOM, CUSTOM_RESOURCE, _SAGEMAKER), "whether this emulator makes it is not known")
