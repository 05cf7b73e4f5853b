"""What an app will cost, from what it was synthesized to."""

from pathlib import Path

from sagecraft_catalog.charge.charge import Rules
from sagecraft_catalog.charge.estimate import Estimate, estimate
from sagecraft_catalog.price.book import PriceBook

from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Assembly


def estimate_app(assembly: Assembly, book: PriceBook, rules: Rules) -> Estimate:
    """What the resources of an app cost.

    Args:
        assembly: What it was synthesized to.
        book: The prices.
        rules: What resources are charged for.

    Raises:
        UserError: A template is not there, or is none.
    """
    try:
        return estimate(assembly.stack_templates(), book, rules)
    except (OSError, ValueError, AttributeError) as error:
        raise UserError(
            f"{assembly.directory} does not hold what an app was synthesized to: {error}. Run: cdk synth --quiet"
        ) from error


def base_assembly(folder: Path) -> Assembly:
    """What an app was synthesized to, of which the folder is given, or that of its project.

    Raises:
        UserError: There is none.
    """
    for each in (folder, folder / "cdk.out"):
        if (each / "manifest.json").is_file():
            return Assembly.read(each)
    raise UserError(
        f"--compare: there is no synthesized app in {folder}. Give the folder that 'cdk synth --output' or "
        "'sagecraft cost' has written, or a project in which they have."
    )
