"""Programs of Pulumi, compared with the templates of what they declare."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pulumi.runtime import mocks
from sagecraft_infra.pulumi import component
from sagecraft_infra.pulumi.template.synthesis import Synthesized, synthesize

from .engine import REGION, Engine, run
from .expected import EMULATOR, Expectation, answer, differences
from .published_schema import check, published

_RESULTS = (
    *("TrainingJobName", "TrainingJobArn", "S3ModelArtifacts", "TransformJobName", "TransformJobArn", "OutputUri"),
    *("AutoMLJobName", "AutoMLJobArn", "BestCandidateName", "ModelName", "ModelArn"),
    *("ProcessingJobName", "ProcessingJobArn", "ExitMessage", "HyperParameterTuningJobName", "BestTrainingJobName"),
    *("HyperParameterTuningJobArn", "BestObjectiveValue", "Metrics.validation_auc"),
)
_TEXT = re.compile(r"pulumi\.Output\[(Optional\[)?_builtins\.str\]+")
_HELPERS = ("aws:s3/bucket:Bucket", "aws:s3/bucketObjectv2:BucketObjectv2")
"""What holds the assets, which no template declares."""


@dataclass
class AnsweringEngine(Engine):
    """Answers each output that the provider publishes with a value that names it.

    Attributes:
        declared: What the program's components have synthesized so far; custom resources answer what it asks for.
    """

    declared: Sequence["Declared"] = ()

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        answers: dict[str, Any] = {}
        if args.typ == EMULATOR:
            answers = {"physicalResourceId": f"{args.name}.physicalResourceId"}
            answers["data"] = {name: f"{args.name}.{name}" for name in {*_RESULTS, *self._asked_for()}}
        elif args.typ.partition(":")[0] in ("aws", "aws-native"):
            texts = [name for name, kind in published(args.typ).outputs.items() if _TEXT.fullmatch(kind)]
            answers = {name: answer(args.name, name) for name in texts if name != "id"}
        return f"{args.name}-id", {**answers, **args.inputs}

    def _asked_for(self) -> Iterator[str]:
        for each in self.declared:
            for _, _, content in each.templates():
                yield from re.findall(r'"Fn::GetAtt": \["\w+", "([^"]+)"\]', json.dumps(content))


@dataclass(frozen=True)
class Declared:
    """What a component synthesized.

    Attributes:
        name: The component's.
        directory: Where the templates lie.
    """

    name: str
    directory: Path

    def templates(self) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
        """Stack name, region and content of each template, those first that export."""
        manifest = json.loads((self.directory / "manifest.json").read_text(encoding="utf-8"))
        stacks = [
            (key, each) for key, each in manifest["artifacts"].items() if each["type"] == "aws:cloudformation:stack"
        ]
        found = []
        for key, each in stacks:
            properties = each["properties"]
            content = json.loads((self.directory / properties["templateFile"]).read_text(encoding="utf-8"))
            region = each["environment"].rpartition("/")[2]
            found.append((properties.get("stackName", key), None if region == "unknown-region" else region, content))
        return iter(sorted(found, key=lambda item: "Fn::ImportValue" in json.dumps(item[2])))


@contextmanager
def recorded(inputs: dict[str, dict[str, Any]]) -> Iterator[list[Declared]]:
    """Notes what the components of a program synthesize, and the inputs that they get."""
    declared: list[Declared] = []
    made_by = component.CdkComponent.__init__

    def initialized(self: Any, name: str, *arguments: Any, **options: Any) -> None:
        inputs[name] = dict(options.get("inputs") or {})
        made_by(self, name, *arguments, **options)

    def noting(name: str, factory: Any, **options: Any) -> Synthesized:
        made = synthesize(name, factory, **options)
        declared.append(Declared(name, made.stacks[0].directory))
        return made

    with (
        patch.object(component, "synthesize", noting),
        patch.object(component.CdkComponent, "__init__", initialized),
    ):
        yield declared


@dataclass(frozen=True)
class Outcome:
    """What a program registered.

    Attributes:
        engine: What it was told of.
        returned: What the program returned, its Outputs resolved.
        declared: What its components synthesized.
        inputs: What its components were given, by their names, Outputs resolved.
    """

    engine: AnsweringEngine
    returned: dict[str, Any]
    declared: list[Declared]
    inputs: Mapping[str, Mapping[str, Any]]

    def problems(self) -> list[str]:
        """Where the registered resources differ from the templates, or from what the providers publish."""
        problems: list[str] = []
        wanted: dict[str, tuple[str, dict[str, Any]]] = {}
        for each in self.declared:
            exports: dict[str, Any] = {}
            for stack_name, region, template in each.templates():
                prefix = each.name if stack_name == each.name else f"{each.name}-{stack_name}"
                given = dict(self.inputs[each.name])
                expectation = Expectation(prefix, template, given, stack_name, exports, region or REGION)
                wanted |= expectation.resources()
                exports |= expectation.own_exports()
        registered = {
            name: each
            for name, each in self.engine.registered.items()
            if each.type.startswith(("aws:", "aws-native:")) and each.type not in _HELPERS
        }
        problems += [f"{name} ({wanted[name][0]}) was not registered" for name in wanted.keys() - registered.keys()]
        problems += [f"{name} is in no template" for name in registered.keys() - wanted.keys()]
        for name in wanted.keys() & registered.keys():
            problems += self._differences(name, *wanted[name])
        return problems

    def _differences(self, name: str, token: str, wanted: dict[str, Any]) -> list[str]:
        each = self.engine.registered[name]
        if each.type != token:
            return [f"{name} is {each.type}, not {token}"]
        known = published(token)
        problems = [f"{name}: no property {key!r} is published" for key in each.inputs if key not in known.inputs]
        got = dict(each.inputs)
        if token == EMULATOR:
            for helper in ("bucketName", "bucketKeyPrefix", "serviceToken", "stackId"):
                assert got.pop(helper), f"{name}.{helper}"
            wanted = {key: value for key, value in wanted.items() if key != "serviceToken"}
        by_name = {key.lower(): value for key, value in wanted.items()}
        problems += [f"{name}.{key}: missing" for key in by_name.keys() - {key.lower() for key in got}]
        for key, value in got.items():
            if key.lower() not in by_name:
                problems.append(f"{name}.{key}: not in the template")
                continue
            annotation = known.inputs.get(key, "Any")
            typed = re.search(r"'\w+", annotation) is not None
            problems += differences(value, by_name[key.lower()], f"{name}.{key}", names_differ=typed)
            problems += check(value, annotation, known.package, f"{name}.{key}")
        return problems


def outcome(program: Callable[[], Mapping[str, Any] | None]) -> Outcome:
    """Runs a program under Pulumi's mocks."""
    engine = AnsweringEngine()
    inputs: dict[str, dict[str, Any]] = {}

    def with_inputs() -> dict[str, Any]:
        returned = dict(program() or {})
        return {"returned": returned, "inputs": inputs}

    with recorded(inputs) as declared:
        engine.declared = declared
        found = run(with_inputs, engine)
    return Outcome(engine, found["returned"], declared, found["inputs"])
