"""The `sagecraft` command."""

import sys

__all__ = ["main"]


def main() -> None:
    """The console script `sagecraft`."""
    try:
        from .run import run  # noqa: PLC0415 - a plain installation has the constructs alone
    except ModuleNotFoundError as error:
        sys.stderr.write(f"The sagecraft command needs the package {error.name}. Run: pip install 'sagecraft[local]'\n")
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
