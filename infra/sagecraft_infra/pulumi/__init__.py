"""CDK constructs as components of Pulumi.

Needs `pip install 'sagecraft[pulumi]'`.
"""

from .component import CdkComponent
from .errors import NotExpressible
from .inputs import list_input, number_input, string_input

__all__ = ["CdkComponent", "NotExpressible", "list_input", "number_input", "string_input"]
