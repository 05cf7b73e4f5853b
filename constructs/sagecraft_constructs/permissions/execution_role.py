"""The role that SageMaker takes on to do declared work."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.asked import place_of, stack_of
from sagecraft_constructs.prop_kinds import check_props


class ExecutionRole(iam.Role):
    """An IAM role that SageMaker, on behalf of this account alone, may take on.

    It begins with no permission. Each construct that is given the role adds exactly what its work needs: the input
    prefixes to read, the output prefix to write, the image repository, the log group and the keys. `from_role_arn`
    takes an existing role, to which the same needs are added, unless it is imported with `mutable=False`.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        role_name: str | None = None,
        description: str | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
    ) -> None:
        """Declares the role.

        Args:
            scope: Where it stands.
            id: Its name there.
            role_name: Left out, CloudFormation makes one that never clashes.
            description: Left out, it says what the role is for.
            permissions_boundary: Left out, there is none.
        """
        super().__init__(
            scope,
            id,
            role_name=role_name,
            description="What SageMaker may do for the work that this stack declares"
            if description is None
            else description,
            permissions_boundary=permissions_boundary,
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": place_of(scope).account}},
            ),
        )


def execution_role(scope: Construct, role: iam.IRole | None) -> iam.IRole:
    """The role of the work that `scope` declares: the one that it was given, or else one of its own.

    What a role of another stack is allowed for this work stands in the stack of the work. In the other stack it would
    refer to what stands here, such as a key, while the work here refers to the role: a circle, which CloudFormation
    refuses, between nested stacks as between others.
    """
    if role is None:
        return ExecutionRole(scope, "Role")
    # A role that was imported already is attached to from the stack that imports it, as its importer has said.
    if isinstance(role, iam.Role) and role.stack is not stack_of(scope):
        return iam.Role.from_role_arn(scope, "Role", role.role_arn)
    return role
