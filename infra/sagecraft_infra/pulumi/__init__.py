"""CDK constructs as components of Pulumi.

Needs `pip install 'sagecraft[pulumi]'`.
"""

from . import components
from .component import CdkComponent
from .components import *  # noqa: F403 - what the nouns declare; `components.pyi` names it
from .construct_component import ConstructComponent
from .existing import existing
from .inputs import list_input, number_input, string_input
from .template.errors import NotExpressible

__all__ = [
    "CdkComponent",
    "ConstructComponent",
    "NotExpressible",
    "existing",
    "list_input",
    "number_input",
    "string_input",
]
__all__ += components.__all__
