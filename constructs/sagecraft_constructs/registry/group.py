"""A model package group: a name under which the versions of a model are kept."""

from collections.abc import Sequence

import jsii
from aws_cdk import IStableAnyProducer, Lazy, Names, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import check_name

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .base import ModelPackageGroupBase, NamedModelPackageGroup
from .contents import versions

_LONGEST_NAME = 63
_ACCOUNT_DIGITS = 12
_OF_READERS = ("DescribeModelPackage", "ListModelPackages", "CreateModel")
_OF_WRITERS = ("CreateModelPackage", "DescribeModelPackage", "ListModelPackages")


class ModelPackageGroup(ModelPackageGroupBase):
    """A name under which the versions of a model are kept, in the account, and if you like for other accounts.

    `Tags.of` reaches it, and its versions use its tags.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-model-group.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        model_package_group_name: str | None = None,
        description: str | None = None,
        deploying_accounts: Sequence[str] = (),
        registering_accounts: Sequence[str] = (),
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        """Declares the group.

        Args:
            scope: Where it stands.
            id: Its name there.
            model_package_group_name: Left out, made from where the construct stands; it stays the same.
            description: What the model is for; a change needs another group. Left out, there is none.
            deploying_accounts: The accounts that may see the versions and make models of them. Their roles need to read
                the artefacts and pull the images too, which the bucket, its key and the repository must allow. Left
                out, none but this.
            registering_accounts: The accounts that may add versions. Left out, none but this.
            removal_policy: What becomes of the group when its stack is deleted. Left out, it stays with its versions.
                `DESTROY` also deletes the versions, which suits development.

        Raises:
            InvalidProps: A name that SageMaker does not allow, or an account that is none, or this one.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "ModelPackageGroup")
        problems.require_known(deploying_accounts=deploying_accounts, registering_accounts=registering_accounts)
        if model_package_group_name is not None and not is_token(model_package_group_name):
            with problems.noting("model_package_group_name"):
                check_name("ModelPackageGroupName", model_package_group_name)
        for prop, accounts in (
            ("deploying_accounts", deploying_accounts),
            ("registering_accounts", registering_accounts),
        ):
            _check_accounts(problems, prop, accounts, Stack.of(self).account)
        problems.raise_any()
        self.model_package_group_name = (
            Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-")
            if model_package_group_name is None
            else model_package_group_name
        )
        self._policy = iam.PolicyDocument()
        resource = sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            model_package_group_name=self.model_package_group_name,
            model_package_group_description=description,
            model_package_group_policy=Lazy.any(_Document(self._policy)),
        )
        resource.apply_removal_policy(removal_policy)
        self.model_package_group_arn = resource.ref
        self._share("Deploy", deploying_accounts, _OF_READERS)
        self._share("Register", registering_accounts, _OF_WRITERS)
        if removal_policy == RemovalPolicy.DESTROY:
            versions(self, self).node.add_dependency(resource)

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> None:
        """Adds a statement to what the group allows other accounts."""
        self._policy.add_statements(statement)

    def _share(self, sid: str, accounts: Sequence[str], of_versions: Sequence[str]) -> None:
        if not accounts:
            return
        principals = [iam.AccountPrincipal(account) for account in accounts]
        # A policy cannot refer to the resource that it is a property of, so the ARN is written of the name.
        group = self._arn("model-package-group", self.model_package_group_name)
        for of, actions, arn in (
            ("Group", ["DescribeModelPackageGroup"], group),
            ("Versions", of_versions, self.versions_arn),
        ):
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"{sid}{of}",
                    principals=principals,
                    actions=[f"sagemaker:{action}" for action in actions],
                    resources=[arn],
                )
            )

    @staticmethod
    @check_props
    def from_model_package_group_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        model_package_group_name: str,
    ) -> ModelPackageGroupBase:
        """A group that exists in the account and region of the stack."""
        return NamedModelPackageGroup(scope, id, model_package_group_name)


@jsii.implements(IStableAnyProducer)
class _Document:
    def __init__(self, policy: iam.PolicyDocument) -> None:
        self._policy = policy

    def produce(self) -> object:
        """The policy, absent as long as it has no statement; the CDK asks once the app is declared."""
        return None if self._policy.is_empty else self._policy


def _check_accounts(problems: Problems, prop: str, accounts: Sequence[str], own: str) -> None:
    for account in accounts:
        if is_token(account):
            continue
        if not (account.isdigit() and len(account) == _ACCOUNT_DIGITS):
            problems.add(prop, f"'{account}' is no account; give the {_ACCOUNT_DIGITS} digits of its number.")
        elif account == own:
            problems.add(prop, f"'{account}' is the account of the stack, which its own roles' policies let in.")
        elif accounts.count(account) > 1:
            problems.add(prop, f"'{account}' is given twice; give each account once.")
