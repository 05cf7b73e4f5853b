"""Writes the construct code for what exists in an account."""

from .existing import Existing, ImportKind, find_existing
from .imported import Imported, import_existing

__all__ = ["Existing", "ImportKind", "Imported", "find_existing", "import_existing"]
