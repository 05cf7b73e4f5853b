"""What AWS's bills call its services: one name in the metrics of charges, another in Cost Explorer and budgets."""

from .errors import UnknownBilledService
from .near_match import did_you_mean
from .package_data import load


def billed_services() -> dict[str, str]:
    """The names of services in Cost Explorer and budgets, by their `ServiceName` in the metrics of charges."""
    services: dict[str, str] = load("billed_services")["services"]
    return services


def billed_service(name: str) -> tuple[str, str]:
    """Both names of a service, by either of them: that in the metrics of charges, and that in Cost Explorer.

    Raises:
        UnknownBilledService: The catalog has none of that name.
    """
    for code, told in billed_services().items():
        if name in {code, told}:
            return code, told
    names = [each for pair in billed_services().items() for each in pair]
    raise UnknownBilledService(
        f"'{name}' is no service that the catalog knows the bill's name of.{did_you_mean(name, names)} "
        f"It knows {', '.join(sorted(billed_services()))}."
    )
