"""What every synthesized template must pass: cfn-lint in the stack's own region, and cdk-nag's AwsSolutions rules."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Stack, Stage
from constructs import IConstruct
from sagecraft_emulator.settings import cache_dir

if TYPE_CHECKING:
    from cfnlint.rules import Match
    from cfnlint.runner import Runner

ROOT = Path(__file__).parents[2]
REGIONS = ("us-east-1", "eu-west-1")
"""Where a template whose region is a token is checked."""

_MESSAGE_CHARACTERS = 300
_IGNORED_RULES = ["W3005"]
# W3005 is a DependsOn that a Ref or GetAtt implies as well. The CDK writes DependsOn for every resource of a construct
# that is depended on, in its own library's constructs too; it is redundant, never wrong.

_CLEAN = cache_dir() / "clean-templates"
# cfn-lint takes a second for a template, and finds in it what it found the last time, in another checkout too.


def assert_clean(scope: App | Stack) -> None:
    """Synthesizes the app of `scope` and fails with every finding of cfn-lint and cdk-nag in all of its stacks."""
    app = scope if isinstance(scope, App) else scope.node.root
    assert isinstance(app, App), f"{scope.node.path} stands in no App"
    app.synth()
    findings = [*lint_findings(app), *nag_findings(app), *annotations(app)]
    assert not findings, f"{len(findings)} findings:\n" + "\n".join(findings)


def lint_findings(app: App) -> list[str]:
    """Errors and warnings of cfn-lint as 'stack: rule at path: message'."""
    return [
        f"{stack.stack_name}: {finding.rule.id} at {'/'.join(str(part) for part in finding.path or [])}: "
        f"{finding.message[:_MESSAGE_CHARACTERS]}"
        for stack in _stacks(app)
        for finding in _lint(stack)
    ]


def _lint(stack: Stack) -> "list[Match]":
    regions = REGIONS if stack.region.startswith("${") else (stack.region,)
    template = json.dumps(template_of(stack))
    known = _CLEAN / hashlib.sha256(json.dumps([template, regions, _lint_settings()]).encode()).hexdigest()
    if known.exists():
        return []
    findings = _findings(template, regions)
    if not findings:
        known.parent.mkdir(parents=True, exist_ok=True)
        known.touch()
    return findings


@cache
def _lint_settings() -> list[str]:
    """What cfn-lint's verdict hangs on besides the template."""
    return [version("cfn-lint"), *_IGNORED_RULES, (ROOT / ".cfnlintrc.yaml").read_text()]


def _findings(template: str, regions: tuple[str, ...]) -> "list[Match]":
    from cfnlint.decode.decode import decode_str

    decoded, errors = decode_str(template)
    return errors or list(_linter(*regions).validate_template(decoded))


@cache
def _linter(*regions: str) -> "Runner":
    """cfn-lint for these regions. It reads its rules when it is made, for any number of templates."""
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn(**ManualArgs(regions=[*regions], ignore_checks=_IGNORED_RULES)))


def nag_findings(app: App) -> list[str]:
    """The findings of cdk-nag that are not acknowledged, as 'rule at construct: description'."""
    from cdk_nag import AwsSolutionsChecks

    report = AwsSolutionsChecks(app).validate_scope(app)
    return [
        f"{violation.rule_name} at {resource.construct_path or resource.resource_logical_id}: {violation.description}"
        for violation in report.violations
        for resource in violation.violating_resources
    ]


def annotations(app: App) -> list[str]:
    """Warnings and errors that constructs left on themselves."""
    return [
        f"{path}: {kind.removeprefix('aws:cdk:')}: {data}"
        for path, kind, data in (*_metadata_of_stacks(app), *_metadata_outside_of_stacks(app))
        if kind in {"aws:cdk:warning", "aws:cdk:error"}
    ]


def _metadata_of_stacks(app: App) -> Iterator[tuple[str, str, Any]]:
    """The path, type and data of each entry, from the assembly: each construct would be asked, in the CDK's process."""
    for file in sorted(Path(app.outdir).rglob("*.metadata.json")):
        for path, entries in json.loads(file.read_text()).items():
            yield from ((path.removeprefix("/"), entry["type"], entry.get("data")) for entry in entries)


def _metadata_outside_of_stacks(scope: IConstruct) -> Iterator[tuple[str, str, Any]]:
    yield from ((scope.node.path, entry.type, entry.data) for entry in scope.node.metadata)
    for child in scope.node.children:
        if not isinstance(child, Stack):
            yield from _metadata_outside_of_stacks(child)


def template_of(stack: Stack) -> dict[str, Any]:
    """The template of a stack whose app has been synthesized."""
    assembly = Stage.of(stack)
    assert assembly is not None
    template = Path(assembly.outdir) / stack.template_file
    loaded: dict[str, Any] = json.loads(template.read_text())
    return loaded


def _stacks(app: App) -> list[Stack]:
    return [construct for construct in app.node.find_all() if isinstance(construct, Stack)]
