"""`smdebug`, the library of SageMaker Debugger, so that scripts which use it train; it saves no tensors here."""

from .core import CollectionKeys, ReductionConfig, SaveConfig, SaveConfigMode, modes

__all__ = ["CollectionKeys", "ReductionConfig", "SaveConfig", "SaveConfigMode", "modes"]
