"""The errors that the toolkits in AWS's images have in common; scripts import them by the names of their image."""


class BaseToolkitError(Exception):
    """Root of the errors.

    Args:
        message: What is wrong.
        caused_by: The error behind it.
    """

    def __init__(self, message: str | None = None, caused_by: Exception | None = None) -> None:
        told = message or (str(caused_by) if caused_by else "unknown error occurred")
        self.message = f"{told} (caused by {type(caused_by).__name__})" if caused_by else told
        self.caused_by = caused_by
        super().__init__(self.message)


class UserError(BaseToolkitError):
    """The user's definition or data is wrong."""


class PlatformError(BaseToolkitError):
    """What the container runs on is at fault."""
