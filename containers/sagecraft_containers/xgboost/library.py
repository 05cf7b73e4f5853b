"""The `xgboost` library, imported without scikit-learn.

xgboost imports scikit-learn where it finds it, for wrappers that nothing here uses; that alone takes three quarters of
the time that `import xgboost` takes. So it is made not to find it.
"""

import sys

_hidden = sys.modules.get("sklearn")
sys.modules["sklearn"] = None  # type: ignore[assignment]  # None is how import is told that a module does not exist
try:
    import xgboost
finally:
    if _hidden is None:
        del sys.modules["sklearn"]
    else:
        sys.modules["sklearn"] = _hidden

__all__ = ["xgboost"]
