"""The errors of AWS's scikit-learn container."""

from sagecraft_containers.toolkit_errors import BaseToolkitError, PlatformError, UserError

__all__ = ["BaseToolkitError", "PlatformError", "UserError"]
