"""The errors of AWS's XGBoost container, as its algorithm toolkit has them."""

from sagecraft_containers.toolkit_errors import BaseToolkitError, PlatformError, UserError

__all__ = ["AlgorithmError", "BaseToolkitError", "PlatformError", "UserError"]


class AlgorithmError(BaseToolkitError):
    """The algorithm is at fault."""
