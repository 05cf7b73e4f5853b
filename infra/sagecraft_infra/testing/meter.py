"""The meter of a test's emulator."""

from decimal import Decimal

from sagecraft_infra.emulator.meter import Bill
from sagecraft_infra.emulator.process import ask

from .emulator import RunningEmulator


class Meter:
    """What the emulator's account would owe AWS, and time that passes for that alone.

    Args:
        emulator: It.
    """

    def __init__(self, emulator: RunningEmulator) -> None:
        self._emulator = emulator

    @property
    def bill(self) -> Bill:
        """What is owed so far, and by the hour from now on."""
        return Bill.of(ask(self._emulator.settings.port, "GET", f"meter?account={self._emulator.account}"))

    def pass_hours(self, hours: float) -> Decimal:
        """Lets hours pass for all that is in use now; no clock moves, and nothing waits.

        When it returns, CloudWatch has the charges, alarms are evaluated, and budgets have told whom they tell and done
        what they do.

        Args:
            hours: More than none, and up to ten years of them.

        Returns:
            US dollars that are owed then.

        Raises:
            UserError: It is another number.
        """
        passed = {"pass_hours": hours, "account": self._emulator.account}
        ask(self._emulator.settings.port, "POST", "meter", passed)
        return self.bill.usd
