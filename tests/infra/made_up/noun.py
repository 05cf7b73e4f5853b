"""A noun that the room does not know: model cards, and the jobs that compile models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aws_cdk
from constructs import Construct
from sagecraft_catalog.charge.charge import free
from sagecraft_infra.code.module import Module, call, literal
from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.importable import Existing, Importable
from sagecraft_infra.noun.job import JobKind
from sagecraft_infra.noun.log import Logged
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun
from sagecraft_infra.noun.section import Remark, Section
from sagecraft_infra.target import Target

MODEL_CARD: Final = Api("ModelCard", "model_card", "ModelCardSummaries")


class ModelCard(Construct):
    """A model card in a stack."""

    def __init__(self, scope: Construct, id: str, *, card_name: str) -> None:  # noqa: A002 - the CDK's name
        super().__init__(scope, id)
        properties = {"ModelCardName": card_name, "ModelCardStatus": "Draft", "Content": {}}
        self.resource = aws_cdk.CfnResource(self, "Resource", type="AWS::SageMaker::ModelCard", properties=properties)


@dataclass(frozen=True)
class ModelCardState:
    """A model card."""

    name: str
    status: str


def state(name: str, region: str, description: Mapping[str, Any]) -> ModelCardState:
    return ModelCardState(name, description["ModelCardStatus"])


def write(module: Module, target: Target, region: str, existing: Existing) -> dict[str, dict[str, str]]:
    module.ours("ModelCard")
    module.statement(call("ModelCard", "self", literal("ModelCard"), card_name=literal(existing.name)))
    return {"ModelCard/Resource": {"ModelCardArn": existing.arn}}


COMPILATION_JOB: Final = JobKind(
    name="compilation",
    api=Api("CompilationJob", "compilation_job", "CompilationJobSummaries"),
    times=("CompilationStartTime", "CompilationEndTime"),
    log_group="/aws/sagemaker/CompilationJobs",
    instances=lambda _: 1,
)
MODEL_CARDS: Final = Section(
    key="model_cards",
    resource_type="AWS::SageMaker::ModelCard",
    api=MODEL_CARD,
    state=state,
    columns=("Model card", "Status"),
    row=lambda card: (card.name, card.status),
    hint=lambda card: Remark("Read it: ", card.name),
)
MADE_UP: Final = Noun(
    look=Look(shown={"AWS::SageMaker::ModelCard": (Kind.OTHER, "Model card")}),
    job=COMPILATION_JOB,
    sections=(MODEL_CARDS,),
    logged=(Logged(api=MODEL_CARD, group="/aws/sagemaker/ModelCards/{name}"),),
    importables=(Importable(name="model-card", api=MODEL_CARD, write=write),),
    components=(Component("ModelCard", home_region="eu-north-1"),),
    costs={"AWS::SageMaker::ModelCard": free},
)
