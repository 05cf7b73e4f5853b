"""What the work would have cost on AWS, at the end of what a command says."""

from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.emulator.meter import Bill
from sagecraft_infra.target import Target
from sagecraft_infra.terminal.output import note


def bill_of(target: Target) -> Bill | None:
    """That of the target's account; None where nothing meters: on AWS, and on others' emulators.

    Raises:
        UserError: The emulator does not answer.
    """
    port = target.project.meter_port if target.is_local else None
    if port is None:
        return None
    return Bill.of(emulator_process.ask(port, "GET", f"meter?account={target.project.account}"))


def note_bill(bill: Bill | None) -> None:
    """Tells it to people, if there is anything to tell."""
    if bill is not None and (bill.usd or bill.usd_an_hour or bill.unpriced):
        note(bill.told)
