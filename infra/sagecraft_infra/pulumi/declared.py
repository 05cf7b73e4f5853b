"""Makes the classes of the components that nouns declare."""

from typing import Any, Final

import sagecraft_constructs as constructs
from constructs import Construct

from sagecraft_infra.noun.component import Component
from sagecraft_infra.nouns import NOUNS

from .construct_component import ConstructComponent


def component_class(component: Component, construct: type[Construct]) -> type[ConstructComponent]:
    """The class of a component.

    Args:
        component: As a noun declares it.
        construct: What declares the resources.
    """
    members: dict[str, Any] = {
        "__doc__": f"`{construct.__module__.partition('.')[0]}.{component.name}`.",
        "__module__": f"{__package__}.components",
        "construct_class": construct,
    }
    if component.home_region is not None:
        members["home_region"] = component.home_region
    for name in component.makers:
        members[name] = _maker(construct, name)
    return type(component.name, (ConstructComponent,), members)


def _maker(construct: type[Construct], name: str) -> Any:
    def make(
        cls: type[ConstructComponent],
        resource_name: str,
        /,
        *,
        opts: Any = None,
        env: Any = None,
        asset_bucket: Any = None,
        **arguments: Any,
    ) -> ConstructComponent:
        component = cls.__new__(cls)
        component._declare(  # noqa: SLF001 - the class's own
            getattr(construct, name), resource_name, arguments, opts=opts, env=env, asset_bucket=asset_bucket
        )
        return component

    make.__name__ = name
    make.__doc__ = f"`{construct.__module__.partition('.')[0]}.{construct.__name__}.{name}`."
    return classmethod(make)


COMPONENTS: Final = {each.name: component_class(each, getattr(constructs, each.name)) for each in NOUNS.components}
