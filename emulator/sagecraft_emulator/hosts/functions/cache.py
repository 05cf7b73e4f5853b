"""What Lambda functions need on this machine and a user keeps: it is made once, for all emulators."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """Where it is kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "sagecraft"
