"""Where a command works: the emulator, or the user's account on AWS."""

from .place import Target, TargetName

__all__ = ["Target", "TargetName"]
