"""CloudFormation's intrinsic functions, called while a Pulumi program runs."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pulumi

from sagecraft_infra.pulumi.provider.asset_bucket import AssetBucket
from sagecraft_infra.pulumi.provider.types import CLASSIC, NATIVE, package_module
from sagecraft_infra.pulumi.template.document import Template
from sagecraft_infra.pulumi.template.errors import NotExpressible, Place, listed
from sagecraft_infra.pulumi.template.intrinsic import Intrinsic, sub_parts

from .deferred import ABSENT, PerhapsAbsent, has_output, lift
from .evaluation import evaluated, plain
from .parameters import Parameters
from .pseudo_parameters import PseudoParameters
from .shapes import Shape, text

_UNKNOWN: Final = object()
"""What a group of functions answers for a function that is none of it."""


class Referable(Protocol):
    """A resource of the template that Pulumi has been told of."""

    def ref(self, place: Place) -> Any:
        """What `Ref` yields."""

    def attribute(self, name: str, place: Place) -> Any:
        """What `Fn::GetAtt` yields."""


@dataclass(frozen=True)
class TemplateFunctions:
    """Calls the functions of one template.

    Attributes:
        template: The template.
        parameters: The values of its parameters.
        pseudo: What stands for `AWS::Region` and the like.
        resources: What is registered so far, by logical id.
        bucket: Takes the place of the bucket that the template names for assets.
        exports: The exports of other stacks of the same program by name.
    """

    template: Template
    parameters: Parameters
    pseudo: PseudoParameters
    resources: Mapping[str, Referable]
    bucket: AssetBucket
    exports: Mapping[str, Any]

    def literal(self, value: str) -> Any:
        """A text in which the name of the assets' bucket may stand."""
        for name in self.bucket.patterns:
            if "${" not in name and name in value:
                return _rejoined(self.bucket.bucket_name, value.split(name))
        return value

    def call(self, intrinsic: Intrinsic, expected: Shape, place: Place) -> Any:
        """The function's value.

        Raises:
            NotExpressible: Pulumi has nothing like the function, or its arguments are wrong.
        """
        for group in (self._reference, self._of_texts, self._of_the_template, self._of_the_account):
            value = group(intrinsic, place)
            if value is not _UNKNOWN:
                return value
        match intrinsic:
            case Intrinsic("Fn::If", [str() as condition, then, otherwise]):
                return self._if(condition, then, otherwise, expected, place)
            case _:
                problem = f"Pulumi cannot express {intrinsic.name} of {json.dumps(intrinsic.argument)}."
                raise NotExpressible(place, f"{problem} Give the value itself, or as an input of the component.")

    def _reference(self, intrinsic: Intrinsic, place: Place) -> Any:
        match intrinsic:
            case Intrinsic("Ref", str() as name):
                return self._ref(name, place)
            case Intrinsic("Fn::GetAtt", [str() as logical_id, attribute]):
                return self._attribute(logical_id, plain(attribute, place, self), place)
            case Intrinsic("Fn::GetAtt", str() as dotted):
                logical_id, _, attribute = dotted.partition(".")
                return self._attribute(logical_id, attribute, place)
            case Intrinsic("Fn::Sub", str() as pattern):
                return self._sub(pattern, {}, place)
            case Intrinsic("Fn::Sub", [str() as pattern, dict() as values]):
                return self._sub(pattern, values, place)
            case _:
                return _UNKNOWN

    def _of_texts(self, intrinsic: Intrinsic, place: Place) -> Any:
        match intrinsic:
            case Intrinsic("Fn::Join", [str() as separator, items]):
                found = self._plain(items, place)
                return lift(lambda parts: separator.join(_part(part, place) for part in parts), found)
            case Intrinsic("Fn::Split", [str() as separator, source]):
                return lift(lambda known: known.split(separator), self._plain(source, place))
            case Intrinsic("Fn::Select", [index, items]):
                return self._select(self._plain(index, place), self._plain(items, place), place)
            case Intrinsic("Fn::Base64", source):
                return lift(lambda known: base64.b64encode(known.encode()).decode(), self._plain(source, place))
            case Intrinsic("Fn::Length", items):
                return lift(len, self._plain(items, place))
            case Intrinsic("Fn::ToJsonString", value):
                return lift(lambda known: json.dumps(known, separators=(",", ":")), self._plain(value, place))
            case _:
                return _UNKNOWN

    def _of_the_template(self, intrinsic: Intrinsic, place: Place) -> Any:
        match intrinsic:
            case Intrinsic("Fn::FindInMap", [mapping, first, second, *default]):
                return self._find_in_map([mapping, first, second], default, place)
            case Intrinsic("Fn::ImportValue", name):
                return self._import(self._plain(name, place))
            case _:
                return _UNKNOWN

    def _of_the_account(self, intrinsic: Intrinsic, place: Place) -> Any:
        match intrinsic:
            case Intrinsic("Fn::GetAZs", region):
                known = lift(lambda name: name or None, self._plain(region, place))
                return self._asked("get_azs_output", "azs", region=known)
            case Intrinsic("Fn::Cidr", [block, count, bits]):
                return self._asked(
                    "cidr_output",
                    "subnets",
                    ip_block=self._plain(block, place),
                    count=lift(int, self._plain(count, place)),
                    cidr_bits=lift(int, self._plain(bits, place)),
                )
            case _:
                return _UNKNOWN

    def _plain(self, value: Any, place: Place) -> Any:
        return plain(value, place, self)

    def condition(self, name: str, place: Place) -> Any:
        """Whether a condition holds; an Output where that turns out only later.

        Raises:
            NotExpressible: There is no such condition, or it has a function that is none of conditions.
        """
        if name not in self.template.conditions:
            raise NotExpressible(place, f"the template has no condition {name!r}.")
        return self._truth(self.template.conditions[name], Place(f"condition '{name}'"))

    def _truth(self, expression: Any, place: Place) -> Any:
        match expression:
            case {"Condition": str() as name}:
                return self.condition(name, place)
            case {"Fn::Equals": [left, right]}:
                return lift(
                    lambda one, other: text(one) == text(other), *(plain(x, place, self) for x in (left, right))
                )
            case {"Fn::And": list() as parts}:
                return lift(all, [self._truth(part, place) for part in parts])
            case {"Fn::Or": list() as parts}:
                return lift(any, [self._truth(part, place) for part in parts])
            case {"Fn::Not": [part]}:
                return lift(lambda known: not known, self._truth(part, place))
            case _:
                raise NotExpressible(place, f"Pulumi cannot express the condition {json.dumps(expression)}.")

    def _ref(self, name: str, place: Place) -> Any:
        if name in self.pseudo:
            return self.pseudo.value(name)
        if name in self.parameters:
            return self.parameters.value(name)
        return self._resource(name, place).ref(place)

    def _attribute(self, logical_id: str, name: Any, place: Place) -> Any:
        if not isinstance(name, str):
            raise NotExpressible(place, f"the attribute that Fn::GetAtt asks {logical_id!r} for has to be plain text.")
        return self._resource(logical_id, place).attribute(name, place)

    def _resource(self, logical_id: str, place: Place) -> Referable:
        found = self.resources.get(logical_id)
        if found is None:
            problem = f"there is no resource or parameter {logical_id!r} in the stack {self.template.name!r}"
            if logical_id in self.template.resources:
                problem = f"the resource {logical_id!r} is not there, since its condition does not hold"
            raise NotExpressible(place, f"{problem}.")
        return found

    def _sub(self, pattern: str, values: Mapping[str, Any], place: Place) -> Any:
        for name in self.bucket.patterns:
            if "${" in name and name in pattern:
                parts = [self._sub(part, values, place) for part in pattern.split(name)]
                return _rejoined(self.bucket.bucket_name, parts)
        pieces = []
        for is_name, piece in sub_parts(pattern):
            if not is_name:
                pieces.append(self.literal(piece))
            elif piece in values:
                pieces.append(plain(values[piece], place, self))
            elif "." in piece and piece not in self.parameters:
                logical_id, _, attribute = piece.partition(".")
                pieces.append(self._attribute(logical_id, attribute, place))
            else:
                pieces.append(self._ref(piece, place))
        return lift(lambda *known: "".join(_part(piece, place) for piece in known), *pieces)

    def _select(self, index: Any, items: Any, place: Place) -> Any:
        def selected(known_index: Any, known: list[Any]) -> Any:
            if not 0 <= int(known_index) < len(known):
                raise NotExpressible(place, f"Fn::Select asks for item {known_index} of a list of {len(known)}.")
            return known[int(known_index)]

        if isinstance(items, list) and not has_output(index):
            return selected(index, items)
        return lift(selected, index, items)

    def _if(self, condition: str, then: Any, otherwise: Any, expected: Shape, place: Place) -> Any:
        holds = self.condition(condition, place)
        if not has_output(holds):
            return evaluated(then if holds else otherwise, expected, place, self)
        branches = [evaluated(branch, expected, place, self) for branch in (then, otherwise)]
        opened = [branch.output if isinstance(branch, PerhapsAbsent) else branch for branch in branches]
        chosen = lift(lambda known, one, other: one if known else other, holds, *opened)
        may_be_absent = any(branch is ABSENT or isinstance(branch, PerhapsAbsent) for branch in branches)
        return PerhapsAbsent(chosen) if may_be_absent else chosen

    def _find_in_map(self, keys: list[Any], default: list[Any], place: Place) -> Any:
        def found(name: str, first: str, second: str) -> Any:
            try:
                return self.template.mappings[name][text(first)][text(second)]
            except KeyError:
                if default:
                    return plain(default[0]["DefaultValue"], place, self)
                known = listed(list(self.template.mappings.get(name, {})))
                problem = f"the mapping {name!r} has nothing for {first!r}, {second!r}; it knows {known}."
                raise NotExpressible(place, problem) from None

        return lift(found, *(plain(key, place, self) for key in keys))

    def _import(self, name: Any) -> Any:
        if isinstance(name, str) and name in self.exports:
            return self.exports[name]
        # The package of aws-native has importValue too, but its result takes objects for values, and refuses text.
        exported = package_module(CLASSIC, "cloudformation").get_export_output(
            name=name, opts=self.pseudo.invoke_options
        )
        return exported.apply(lambda known: known.value)

    def _asked(self, function: str, attribute: str, **arguments: Any) -> pulumi.Output[Any]:
        answer = getattr(package_module(NATIVE), function)(opts=self.pseudo.invoke_options, **arguments)
        asked: pulumi.Output[Any] = answer.apply(lambda known: getattr(known, attribute))
        return asked


def _part(value: Any, place: Place) -> str:
    """A part of a longer text, which has to be there: a text with `None` in it would deceive."""
    if value is None:
        raise NotExpressible(place, "a part of the text is an output that its resource has not given.")
    return text(value)


def _rejoined(separator: Any, parts: list[Any]) -> Any:
    return lift(lambda known, *others: text(known).join(text(each) for each in others), separator, *parts)
