"""What stands for a domain, wherever it was declared."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IDependable

from sagecraft_constructs.asked import arn_at
from sagecraft_constructs.permissions.nag import acknowledge_resource, handed_over


class StudioDomainBase(Construct):
    """A domain of Studio, declared here or existing.

    Attributes:
        domain_id: Its id.
        domain_arn: Its ARN.
        role: Whom people act as who have no role of their own; `None` where it is not known.
        encryption_key: Encrypts the home directories and the volumes; `None` where it is not known.
    """

    domain_id: str
    domain_arn: str
    role: iam.IRole | None
    encryption_key: kms.IKey | None

    def grant_open(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to open Studio as any of the domain's users, as those may who look after it."""
        return self._grant(
            grantee, "user-profile", "sagemaker:CreatePresignedDomainUrl", "sagemaker:DescribeUserProfile"
        )

    def grant_manage_apps(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to start and stop the apps of everybody in the domain."""
        return self._grant(grantee, "app", "sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp")

    def arn_of(self, scope: Construct, kind: str, *names: str) -> str:
        """The ARN of something in the domain.

        Args:
            scope: Where it is said.
            kind: As ARNs have it, such as `user-profile`.
            names: What follows the domain's id; a last `*` means all. Left out, nothing follows.
        """
        return _arn(scope, kind, self.domain_id, *names)

    def acknowledge(self, scope: Construct, kind: str, *names: str, reason: str) -> None:
        """Accepts that a policy under a construct names a wildcard in the domain.

        Args:
            scope: The role, or what holds it.
            kind: As in `arn_of`.
            names: Likewise.
            reason: Why the wildcard is needed.
        """
        domain_id = handed_over(scope, self, "DomainId", self.domain_id)
        acknowledge_resource(scope, _arn(scope, kind, domain_id, *names), reason)

    @property
    def emptied(self) -> IDependable | None:
        """What empties it: what is in it is made after this, and so deleted before it. `None` where nothing does."""
        return None

    def _grant(self, grantee: iam.IGrantable, kind: str, *actions: str) -> iam.Grant:
        principal = grantee.grant_principal
        if isinstance(principal, Construct):
            self.acknowledge(principal, kind, "*", reason="It is meant for everybody in the domain.")
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[self.arn_of(self, kind, "*")]
        )


def _arn(scope: Construct, kind: str, *names: str) -> str:
    return arn_at(scope, "sagemaker", f"{kind}/{'/'.join(names)}")
