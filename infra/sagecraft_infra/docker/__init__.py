"""What stands in for `docker`, and the container engine of the machine where there is one."""

from .stand_in import main

__all__ = ["main"]
