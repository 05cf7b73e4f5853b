"""IAM in the embedded host: every call is evaluated against the policies of its role, and recorded."""

from .enforcement import Enforcement, Refusal
from .policy_simulation import PolicySimulation
from .request_context import resource_arn
from .role_construct import constructs_of
from .role_report import RoleReport

__all__ = ["Enforcement", "PolicySimulation", "Refusal", "RoleReport", "constructs_of", "resource_arn"]
