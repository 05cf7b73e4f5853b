"""What fails a deployment."""


class JobError(Exception):
    """The job did not complete; CloudFormation shows the message as the reason of its event."""
