"""What a template asks for, worked out without the code under test: its functions, and AWS's answers to them."""

import base64
import re
from dataclasses import dataclass
from typing import Any

from sagecraft_infra.pulumi.registration.resources import resource_name

from .engine import ACCOUNT, AZS, REGION
from .published_schema import published

EMULATOR = "aws-native:cloudformation:CustomResourceEmulator"
ABSENT = object()
_ASSETS = "cdk-hnb659fds-assets-"
_CLASSIC = {"AWS::Lambda::Permission": "aws:lambda/permission:Permission"}
_WRITTEN = {"VPC": "Vpc"}
"""Nouns that the provider writes otherwise than CloudFormation."""
_RESPELT = {"AWS::EC2::VPCEndpoint": "aws-native:ec2:VpcEndpoint"}
_RENAMED = {"FunctionName": "function"}
_INLINE = {"AWS::IAM::Policy": ("Roles", "aws-native:iam:RolePolicy", "RoleName")}


def answer(name: str, output: str) -> str:
    """What AWS answers as an output of a resource; an ARN is one, since templates take it apart."""
    return f"arn:aws:service:{REGION}:{ACCOUNT}:kind/{name}" if output == "arn" else f"{name}.{output}"


def is_custom(resource: dict[str, Any]) -> bool:
    """Whether a function of the user makes it."""
    return str(resource["Type"]).startswith("Custom::")


def token(type_: str) -> str:
    """The type in Pulumi."""
    if type_ in _CLASSIC:
        return _CLASSIC[type_]
    if type_ in _RESPELT:
        return _RESPELT[type_]
    _, service, noun = type_.split("::")
    return f"aws-native:{service.lower()}:{_WRITTEN.get(noun, noun)}"


@dataclass(frozen=True)
class Expectation:
    """A template and what it stands for once its resources are there.

    Attributes:
        prefix: What the names of its resources begin with.
        template: The template as CloudFormation reads it.
        inputs: The values of its parameters.
        stack_name: The stack's.
        exports: What other stacks export.
        region: The stack's.
    """

    prefix: str
    template: dict[str, Any]
    inputs: dict[str, Any]
    stack_name: str
    exports: dict[str, Any]
    region: str = REGION

    def resources(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Type and properties of what has to be registered, by name."""
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for logical_id, declared in self.template.get("Resources", {}).items():
            type_, properties = declared["Type"], declared.get("Properties", {})
            if type_ == "AWS::CDK::Metadata" or not self._holds(declared.get("Condition")):
                continue
            resolved = {name: each for name, value in properties.items() if (each := self.value(value)) is not ABSENT}
            name = resource_name(self.prefix, logical_id, type_)
            if is_custom(declared):
                found[name] = (EMULATOR, {"customResourceProperties": resolved, "resourceType": type_})
            elif type_ in _INLINE:
                holders, holder_type, holder = _INLINE[type_]
                # The first holder's policy has the plain name; the constructs attach none to several.
                (only,) = resolved.pop(holders)
                found[name] = (holder_type, {**resolved, holder: only})
            else:
                changed = {_RENAMED.get(key, key) if type_ in _CLASSIC else key: v for key, v in resolved.items()}
                found[name] = (token(type_), changed)
        return found

    def value(self, value: Any) -> Any:  # noqa: C901, PLR0912 - a case for each function
        """A value of the template with its functions called."""
        match value:
            case {"Ref": name}:
                return self._ref(name)
            case {"Fn::GetAtt": [logical_id, attribute]}:
                return self._attribute(logical_id, attribute)
            case {"Fn::Join": [separator, items]}:
                return separator.join(str(item) for item in self.value(items))
            case {"Fn::Split": [separator, source]}:
                return self.value(source).split(separator)
            case {"Fn::Select": [index, items]}:
                return self.value(items)[int(index)]
            case {"Fn::Sub": str(pattern)}:
                if _ASSETS in pattern:
                    return f"{self.prefix}-assets.bucket".lower()
                return re.sub(r"\$\{([^}!]+)\}", lambda found: str(self._ref(found[1])), pattern)
            case {"Fn::If": [condition, then, otherwise]}:
                return self.value(then if self._holds(condition) else otherwise)
            case {"Fn::FindInMap": [mapping, first, second]}:
                return self.template["Mappings"][mapping][self.value(first)][self.value(second)]
            case {"Fn::ImportValue": name}:
                return self.exports[self.value(name)]
            case {"Fn::GetAZs": _}:
                return AZS
            case {"Fn::Base64": text}:
                return base64.b64encode(self.value(text).encode()).decode()
            case dict():
                assert not any(key.startswith("Fn::") for key in value), f"a function unknown to the test: {value}"
                return {key: each for key, v in value.items() if (each := self.value(v)) is not ABSENT}
            case list():
                return [each for item in value if (each := self.value(item)) is not ABSENT]
            case str() if _ASSETS in value:
                return re.sub(rf"{_ASSETS}\w+-[\w-]+", f"{self.prefix}-assets.bucket".lower(), value)
            case _:
                return value

    def own_exports(self) -> dict[str, Any]:
        """What the stack exports, by name."""
        outputs = [each for each in self.template.get("Outputs", {}).values() if "Export" in each]
        return {self.value(each["Export"]["Name"]): self.value(each["Value"]) for each in outputs}

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack_name,
            "AWS::NoValue": ABSENT,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.template.get("Parameters", {}):
            return self.inputs[name]
        declared = self.template["Resources"][name]
        pulumi_name = resource_name(self.prefix, name, declared["Type"])
        return f"{pulumi_name}.physicalResourceId" if is_custom(declared) else f"{pulumi_name}-id"

    def _attribute(self, logical_id: str, attribute: str) -> Any:
        declared = self.template["Resources"][logical_id]
        name = resource_name(self.prefix, logical_id, declared["Type"])
        if is_custom(declared):
            return f"{name}.{attribute}"
        properties = {key.lower(): value for key, value in declared.get("Properties", {}).items()}
        if attribute.lower() in properties:
            return self.value(properties[attribute.lower()])
        outputs = published(token(declared["Type"])).outputs
        (output,) = [each for each in outputs if each.lower() == attribute.lower()]
        return answer(name, output)

    def _holds(self, condition: str | None) -> bool:
        return condition is None or self._truth(self.template["Conditions"][condition])

    def _truth(self, expression: Any) -> bool:
        match expression:
            case {"Fn::Equals": [left, right]}:
                return bool(self.value(left) == self.value(right))
            case {"Fn::Not": [inner]}:
                return not self._truth(inner)
            case {"Fn::And": inner}:
                return all(self._truth(each) for each in inner)
            case {"Fn::Or": inner}:
                return any(self._truth(each) for each in inner)
            case {"Condition": name}:
                return self._holds(name)
        raise AssertionError(f"a condition unknown to the test: {expression}")


def differences(got: Any, wanted: Any, where: str, *, names_differ: bool) -> list[str]:
    """Where two values differ; the case of names is the provider's where `names_differ`."""
    match got, wanted:
        case dict(), dict():
            fold = str.lower if names_differ else str
            left, right = ({fold(key): value for key, value in each.items()} for each in (got, wanted))
            problems = [f"{where}.{key}: missing" for key in right.keys() - left.keys()]
            problems += [f"{where}.{key}: not in the template" for key in left.keys() - right.keys()]
            for key in left.keys() & right.keys():
                problems += differences(left[key], right[key], f"{where}.{key}", names_differ=names_differ)
            return problems
        case list(), list() if len(got) == len(wanted):
            pairs = enumerate(zip(got, wanted, strict=True))
            return [
                each
                for index, (a, b) in pairs
                for each in differences(a, b, f"{where}[{index}]", names_differ=names_differ)
            ]
        case _ if got == wanted or (not isinstance(got, dict | list) and str(got).lower() == str(wanted).lower()):
            return []
        case float(), (int() | str()) if got == float(wanted):
            return []
    return [f"{where}: {got!r} is registered, but the template has {wanted!r}"]
