"""`python -m sagecraft_containers.sklearn train|serve`: what the container is started with."""

import sys


def main(arguments: list[str]) -> int:
    """Runs the program that the one argument names; returns the exit code of the process."""
    match arguments:
        case ["train"]:
            from sagecraft_containers.sklearn import training  # noqa: PLC0415 - each imports only what it needs

            return training.main()
        case ["serve"]:
            from sagecraft_containers.sklearn import serving  # noqa: PLC0415

            return serving.main()
        case _:
            print("usage: python -m sagecraft_containers.sklearn train|serve", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
