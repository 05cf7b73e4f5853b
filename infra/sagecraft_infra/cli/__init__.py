"""The `sagecraft` command."""

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """The console script `sagecraft`."""
    try:
        from .run import run  # noqa: PLC0415 - a plain installation has the constructs alone
    except ModuleNotFoundError as error:
        sys.stderr.write(f"The sagecraft command needs the package {error.name}. Run: pip install 'sagecraft[local]'\n")
        sys.exit(2)
    code = run(sys.argv[1:])
    gc.freeze()  # all of it goes with the process; an interpreter that ends looks through it for garbage, three times
    sys.exit(code)
