"""Asks the deployed endpoint about the passengers that training never saw, and prints how often it is right.

    python examples/titanic/predict.py [--target aws]

The endpoint and the job are found by the outputs of the stack, on the emulator or on AWS.
"""

import argparse
import csv
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from botocore.exceptions import EndpointConnectionError
from features import Passenger, prepare, split
from sagecraft_infra.inventory import StackState, stack_state, take_inventory
from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.training.standing import TRAINING_JOBS

STACK: Final = "TitanicEndpoint"
PASSENGERS: Final = Path(__file__).with_name("data") / "titanic.csv"
SHOWN: Final = 8


def held_out() -> tuple[list[Passenger], list[list[str]]]:
    """The passengers that training never saw: as they stand in the source, and as numbers without the label."""
    with PASSENGERS.open(newline="", encoding="utf-8") as file:
        _, passengers = split(list(csv.DictReader(file)))
    with tempfile.TemporaryDirectory() as folder:
        prepare(PASSENGERS, Path(folder))
        with Path(folder, "test", "passengers.csv").open(newline="", encoding="utf-8") as file:
            rows = [row[1:] for row in csv.reader(file)]
    return passengers, rows


def ask(target: Target, stack: StackState, rows: list[list[str]]) -> list[float]:
    """The probability that each passenger survives, as the endpoint sees it."""
    body = io.StringIO()
    csv.writer(body, lineterminator="\n").writerows(rows)
    response = target.sagemaker_runtime(stack.region).invoke_endpoint(
        EndpointName=stack.outputs["EndpointName"], ContentType="text/csv", Body=body.getvalue().encode()
    )
    # AWS's container separates the answers by commas or line ends, by its version.
    return [float(answer) for answer in response["Body"].read().decode().replace(",", "\n").split()]


def show(passengers: list[Passenger], probabilities: list[float]) -> None:
    """Prints some predictions, and how many of all are right."""
    print(f"{'Survives':>8}  {'Survived':>8}  Passenger")
    for passenger, probability in zip(passengers[:SHOWN], probabilities, strict=False):
        survived = "yes" if passenger["Survived"] == "1" else "no"
        print(f"{probability:8.0%}  {survived:>8}  {passenger['Name']}")
    right = sum(
        (probability > 0.5) == (passenger["Survived"] == "1")
        for passenger, probability in zip(passengers, probabilities, strict=True)
    )
    print(f"\nAccuracy on the held-out fifth: {right / len(passengers):.3f} ({right} of {len(passengers)} passengers)")


def main() -> int:
    """Prints predictions, accuracy and the job's metrics; returns the exit code."""
    parser = argparse.ArgumentParser(description="Ask the Titanic endpoint about the passengers that were held out.")
    parser.add_argument("--target", type=TargetName, choices=list(TargetName), default=TargetName.LOCAL)
    parser.add_argument("--port", type=int, default=os.environ.get("SAGECRAFT_PORT"), help="of the emulator")
    parser.add_argument("--state-dir", type=Path, default=os.environ.get("SAGECRAFT_STATE_DIR"), help="of the emulator")
    options = parser.parse_args()
    target = Target(options.target, Project.here(port=options.port, state_dir=options.state_dir))
    try:
        stack = stack_state(target, STACK, target.region)
    except EndpointConnectionError as error:
        sys.stderr.write(f"{error}. Run: sagecraft up\n")
        return 2
    if stack is None or "EndpointName" not in stack.outputs:
        sys.stderr.write(f"Stack {STACK} is not deployed. Run: sagecraft up\n")
        return 2
    passengers, rows = held_out()
    show(passengers, ask(target, stack, rows))
    for job in take_inventory(target, [stack], [TRAINING_JOBS]).of(TRAINING_JOBS):
        print(f"Metrics of training job {job.name}:")
        for name, value in sorted(job.metrics.items()):
            print(f"  {name:20} {value:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
