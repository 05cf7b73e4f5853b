"""Constructs that are components of Pulumi."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Component:
    """A construct as a component.

    Attributes:
        name: Of its class, which is that of the component too.
        home_region: Where its resources are, wherever the program's are. Left out, with the program's.
        makers: The class methods that make one besides its constructor.
    """

    name: str
    home_region: str | None = None
    makers: tuple[str, ...] = ()
