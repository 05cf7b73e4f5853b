"""Regions, as users name them."""

from sagecraft_catalog.region import no_such_region, regions

from sagecraft_infra.errors import UserError


def check_region(region: str, where: str) -> str:
    """A region that there is.

    Args:
        region: As it is given.
        where: What gave it, such as `--region`.

    Raises:
        UserError: There is none of that name.
    """
    if no_such_region(region) is not None:
        # A region that is younger than this version is known to a boto3 that is.
        import boto3  # noqa: PLC0415 - most regions are known without

        session = boto3.session.Session()
        younger = [
            each
            for partition in session.get_available_partitions()
            for each in session.get_available_regions("sagemaker", partition)
        ]
        problem = no_such_region(region, [*regions(), *younger])
        if problem is not None:
            raise UserError(f"{where}: {problem} Write it like us-east-1.")
    return region
