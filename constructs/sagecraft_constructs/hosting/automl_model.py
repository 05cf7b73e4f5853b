"""A model of the best candidate of an AutoML job."""

from collections.abc import Sequence
from typing import ClassVar, Final

import jsii
from aws_cdk import ArnFormat, CustomResource, ITaggableV2, Names, TagManager, TagType
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct
from sagecraft_catalog import near_matches

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.automl.best_candidate import BestCandidate
from sagecraft_constructs.automl.kind import AUTOML
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.handlers.name import SUFFIX_LENGTH
from sagecraft_constructs.job.tags import request_tags
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.permissions.nag import acknowledge_resource
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.provider import FunctionProvider
from sagecraft_constructs.tokens import is_token

from .base import LOG_GROUP, ModelBase

_LONGEST_NAME: Final = 63


class ModelProvider(FunctionProvider):
    """The functions that make and delete models whose containers are known at deployment alone; one for each stack."""

    construct_id: ClassVar[str] = "SagecraftModels"
    handler_module: ClassVar[str] = "model"
    begins: ClassVar[str] = "Makes and deletes the models of what this stack found"
    asks: ClassVar[str] = "Says that a model is made as soon as it is asked for"

    def allow(self, name_prefix: str, candidate: BestCandidate, role: iam.IRole) -> None:
        """Allows to make the models whose names begin with a prefix, of the jobs whose names begin with another."""
        self._allow_named(["AddTags", "CreateModel", "DeleteModel", "DescribeModel"], "model", name_prefix)
        self._allow_named([f"Describe{AUTOML.name}{AUTOML.api_version}"], AUTOML.arn_type, candidate.name_prefix)
        self._allow(
            ["iam:PassRole"], role.role_arn, {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        )

    def _allow_named(self, actions: Sequence[str], resource: str, name_prefix: str) -> None:
        arn = stack_of(self).format_arn(
            service="sagemaker",
            resource=resource,
            resource_name=f"{name_prefix}-*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self._allow([f"sagemaker:{action}" for action in actions], arn)
        acknowledge_resource(self, arn, "The name ends with a hash of what it is made of, known only at deployment.")


@jsii.implements(ITaggableV2)
class AutoMLModel(ModelBase):
    """The best candidate of an AutoML job, as one inference pipeline of its containers.

    How many containers there are, and of which images, is known when the job has run, so the functions of the stack
    make the model. Another best candidate is another model, that replaces the first. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-deploy-models.html

    Attributes:
        role: The execution role.
    """

    role: iam.IRole

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        candidate: BestCandidate,
        inference_response_keys: Sequence[str] = (),
        network_isolation: bool = True,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        role: iam.IRole | None = None,
    ) -> None:
        """Declares the model.

        Args:
            scope: Where it stands.
            id: Its name there.
            candidate: `AutoMLJob.best_candidate`.
            inference_response_keys: What an answer holds, in this order, of what the candidate can tell, such as
                `predicted_label`, `probability`, `labels` and `probabilities`. Left out, what it tells by default.
            network_isolation: Cuts the containers off from the network. Left out, they are.
            vpc: Where the endpoint's network interfaces stand. Left out, it runs outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the endpoint in the VPC. Left out, one is made that allows nothing in.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that serving needs.

        Raises:
            InvalidProps: Subnets or security groups without a VPC, or keys that an answer does not have.
        """
        problems = Problems.of(scope, id, "Model")
        _check_keys(problems, inference_response_keys, candidate.response_keys)
        problems.raise_any()
        super().__init__(scope, id)
        self._tag_manager = TagManager(TagType.STANDARD, "Custom::SageMakerModel")
        network = Network.of(self, vpc, subnets, security_groups)
        self.role = execution_role(self, role)
        permissions.allow_pull_published(self.role)
        permissions.allow_telemetry(self.role, LOG_GROUP)
        permissions.allow_read(self.role, candidate.bucket, candidate.prefix, candidate.key)
        if network is not None:
            permissions.allow_network(self.role)
        longest = _LONGEST_NAME - SUFFIX_LENGTH
        name_prefix = Names.unique_resource_name(self, max_length=longest, separator="-").lower()
        provider = ModelProvider.of(self)
        provider.allow(name_prefix, candidate, self.role)
        resource = CustomResource(
            self,
            "Resource",
            resource_type="Custom::SageMakerModel",
            service_token=provider.service_token,
            properties={
                "NamePrefix": name_prefix,
                "AutoMLJobName": candidate.job_name,
                "InferenceResponseKeys": list(inference_response_keys),
                "Request": present(
                    ExecutionRoleArn=self.role.role_arn,
                    EnableNetworkIsolation=network_isolation,
                    VpcConfig=None if network is None else network.vpc_config,
                    Tags=request_tags(self._tag_manager),
                ),
            },
        )
        # SageMaker reads the artefacts with the role as soon as an endpoint begins; its policy must be in force.
        resource.node.add_dependency(provider.permissions, self.role, *candidate.requires)
        self.model_name = resource.get_att_string("ModelName")
        self.model_arn = resource.get_att_string("ModelArn")

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """Where `Tags.of` leaves the model's tags."""
        return self._tag_manager


def _check_keys(problems: Problems, keys: Sequence[str], known: Sequence[str]) -> None:
    """Notes the keys that no answer to the problem has."""
    if is_token(keys):
        return
    if keys and not known:
        problems.add("inference_response_keys", "a forecast has none to choose from; leave it out.")
        return
    for key in keys:
        if not is_token(key) and key not in known:
            near = near_matches(key, known)
            hint = f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(known)}."
            problems.add("inference_response_keys", f"an answer to the job's problem has no '{key}'. {hint}")
