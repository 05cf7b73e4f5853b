"""IAM in the embedded host: every call is evaluated against the policies of its role, and recorded."""

from .enforcement import Enforcement
from .role_construct import construct_of

__all__ = ["Enforcement", "construct_of"]
