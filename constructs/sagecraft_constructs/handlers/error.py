"""What fails a deployment; CloudFormation shows the message as the reason of its event."""


class JobError(Exception):
    """The job did not complete."""


class StudioError(Exception):
    """Something in a domain of Studio could not be deleted."""
