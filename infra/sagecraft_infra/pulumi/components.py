"""The constructs of Sagecraft as components of Pulumi, as the nouns declare them.

What they take and offer is the constructs' own; `components.pyi` says it to type checkers and editors, and is written
by `python -m sagecraft_infra.pulumi.component_types`.
"""

from .declared import COMPONENTS

globals().update(COMPONENTS)
__all__ = [*COMPONENTS]  # noqa: PLE0604 - they are names
