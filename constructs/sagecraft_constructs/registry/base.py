"""What the groups and versions of the registry offer, whether they are declared here or exist."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.permissions.nag import acknowledge_resource


class ModelPackageGroupBase(Construct):
    """A model package group, declared here or existing.

    Attributes:
        model_package_group_name: Its name.
        model_package_group_arn: Its ARN.
    """

    model_package_group_name: str
    model_package_group_arn: str

    @property
    def versions_arn(self) -> str:
        """The ARN of its versions, with a `*` in the place of their numbers."""
        return self._arn("model-package", f"{self.model_package_group_name}/*")

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to see the group and its versions."""
        return self._grant(grantee, ["DescribeModelPackage", "ListModelPackages"], ["DescribeModelPackageGroup"])

    def grant_register(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to add versions, and to see them."""
        return self._grant(
            grantee,
            ["CreateModelPackage", "DescribeModelPackage", "ListModelPackages"],
            ["DescribeModelPackageGroup"],
        )

    def grant_approve(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to approve and reject versions, and to see them."""
        return self._grant(
            grantee,
            ["DescribeModelPackage", "ListModelPackages", "UpdateModelPackage"],
            ["DescribeModelPackageGroup"],
        )

    def _grant(self, grantee: iam.IGrantable, of_versions: list[str], of_group: list[str]) -> iam.Grant:
        versions = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[f"sagemaker:{action}" for action in of_versions],
            resource_arns=[self.versions_arn],
        )
        if isinstance(grantee, Construct):
            acknowledge_resource(
                grantee, self.versions_arn, "SageMaker numbers the versions of a group; all of them are meant."
            )
        group = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[f"sagemaker:{action}" for action in of_group],
            resource_arns=[self.model_package_group_arn],
        )
        return versions.combine(group)

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="sagemaker", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )


class NamedModelPackageGroup(ModelPackageGroupBase):
    """A group of the account and region of the stack, of which the name is known."""

    def __init__(self, scope: Construct, id: str, name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.model_package_group_name = name
        self.model_package_group_arn = self._arn("model-package-group", name)


class ModelPackageBase(Construct):
    """A model package, declared here or existing.

    Attributes:
        model_package_arn: Its ARN, of which a version's ends with its number.
    """

    model_package_arn: str

    def allow_serve(self, role: iam.IRole) -> None:
        """Allows a role to pull the image and to read the artefact, as far as they are known here."""


class ImportedModelPackage(ModelPackageBase):
    """A package that exists, maybe in another account; its image and artefact are not known."""

    def __init__(self, scope: Construct, id: str, arn: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.model_package_arn = arn
