"""The resource types of Pulumi's providers, read from their own packages.

The packages `pulumi_aws_native` and `pulumi_aws` hold no schema as data; their classes are the schema, and Pulumi's
SDK reads the names and types of properties from these. So does this module: nothing about a type is written here that
its package says itself.
"""

import inspect
import keyword
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import pulumi
from pulumi import _types as metadata  # the SDK's reader of the classes' names and types; it has no public one

NATIVE: Final = "pulumi_aws_native"
CLASSIC: Final = "pulumi_aws"


def normalized(name: str) -> str:
    """The letters and digits of a name in lower case, which CloudFormation's `KMSKeyId` shares with `kmsKeyId`."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


@dataclass(frozen=True)
class Property:
    """A property as the provider knows it.

    Attributes:
        name: On the wire: `kmsKeyId`.
        python_name: In the package's classes: `kms_key_id`.
        hint: Its type; `typing.Any` where the provider takes whatever comes.
    """

    name: str
    python_name: str
    hint: Any


def _found(properties: Mapping[str, Property], name: str) -> Property | None:
    # The provider keeps `id` for its own identifier, and calls CloudFormation's `Id` `awsId`.
    return properties.get(normalized(name)) or properties.get(f"aws{normalized(name)}")


@cache
def input_properties(arguments: type) -> Mapping[str, Property]:
    """The properties of a class of arguments by their normalized names."""
    hints = metadata.input_type_types(arguments)
    names = metadata.input_type_py_to_pulumi_names(arguments)
    return {normalized(name): Property(name, python, hints.get(name, Any)) for python, name in names.items()}


def input_property(arguments: type, name: str) -> Property | None:
    """The property that CloudFormation calls by this name."""
    return _found(input_properties(arguments), name)


@cache
def _output_properties(owner: type) -> Mapping[str, Property]:
    if metadata.is_output_type(owner):
        hints, names = metadata.output_type_types(owner), metadata._py_to_pulumi_names_from_py_properties(owner)  # noqa: SLF001 - as above
    else:
        hints, names = metadata.resource_types(owner), metadata.resource_py_to_pulumi_names(owner)
    return {normalized(name): Property(name, python, hints.get(name, Any)) for python, name in names.items()}


def output_property(owner: type, name: str) -> Property | None:
    """The output of a resource, or of an object in its outputs, that CloudFormation calls by this name."""
    return _found(_output_properties(owner), name)


def output_names(owner: type) -> list[str]:
    """What a resource has to give, for messages."""
    return [each.name for each in _output_properties(owner).values()]


@dataclass(frozen=True)
class ProviderType:
    """A type of resource.

    Attributes:
        resource: Its class.
        arguments: The class of its arguments.
        identifier: The properties that make up its primary identifier, which is Pulumi's `id`; none where the
            package does not say.
    """

    resource: type[pulumi.CustomResource]
    arguments: type
    identifier: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """Its name in Pulumi: `aws-native:sagemaker:Model`."""
        token: str = getattr(self.resource, "pulumi_type")  # noqa: B009 - the decorator of the package sets it
        return token


def package_module(package: str, service: str = "") -> ModuleType:
    """A module of a provider's package; loaded when it is needed, since each takes a second."""
    module = service.lower()
    # Deprecated classes of the packages warn as they load, whether or not anybody uses them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        loaded = import_module(f"{package}.{module}{'_' * keyword.iskeyword(module)}" if module else package)
        hasattr(loaded, "load")  # the modules are lazy: they load when an attribute is asked for
    return loaded


@cache
def native_type(cloudformation_type: str) -> ProviderType | None:
    """The type of `aws-native` for one of CloudFormation's, or none where Cloud Control lacks it."""
    match cloudformation_type.split("::"):
        case ["AWS", service, noun]:
            return _provider_type(NATIVE, service, noun)
        case _:
            return None


@cache
def classic_type(service: str, noun: str) -> ProviderType:
    """The type of `aws`, by its module and class."""
    found = _provider_type(CLASSIC, service, noun)
    if found is None:
        raise LookupError(f"The package pulumi_aws has no resource {service}.{noun}")
    return replace(found, identifier=("id",))  # what the getters of this package ask for are filters


def _provider_type(package: str, service: str, noun: str) -> ProviderType | None:
    try:
        module = package_module(package, service)
    except ModuleNotFoundError:
        return None
    resource = next(
        (each for name, each in vars(module).items() if name.lower() == noun.lower() and _is_type(each)), None
    )
    if resource is None:
        return None
    return ProviderType(resource, _arguments(resource), _identifier(module, resource))


def _arguments(resource: type) -> type:
    """The class of its arguments, which is called otherwise where an object in another resource has taken the name."""
    own_module = sys.modules[resource.__module__]
    name = resource.__name__
    arguments: type = getattr(own_module, f"{name}InitArgs", None) or getattr(own_module, f"{name}Args")
    return arguments


def _is_type(found: object) -> bool:
    return inspect.isclass(found) and issubclass(found, pulumi.CustomResource)


def _identifier(module: ModuleType, resource: type) -> tuple[str, ...]:
    """What the type's getter asks for, which is the primary identifier of Cloud Control."""
    own_module = resource.__module__.rpartition(".")[2]
    getter = getattr(module, f"get_{own_module}", None)
    if getter is None:
        return ()
    return tuple(name for name in inspect.signature(getter).parameters if name != "opts")
