"""Retrains every Monday: prepares, trains, evaluates, and registers the model for approval if it is good enough.

The endpoint moves to each version that is approved, here by whoever starts the pipeline:

sagecraft up --app "python -m examples.retraining.app"
sagecraft pipeline start retraining --parameter Approval=Approved --wait
sagecraft status
"""

from aws_cdk import App, RemovalPolicy, Stack
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    Condition,
    ConditionStep,
    ContinuousDelivery,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    FailStep,
    JobRealization,
    Model,
    ModelPackageGroup,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    ProcessingInput,
    ProcessingJob,
    ProcessingOutput,
    ProductionVariant,
    PropertyFile,
    RegisterModelStep,
    Schedule,
    TrainingJob,
)

app = App()
stack = Stack(app, "Retraining", description="A pipeline that trains a model every week")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
raw = Dataset(stack, "Raw", bucket=bucket, path="examples/titanic/data/titanic.csv")
xgboost = AlgorithmImage(name="xgboost", version="3.2-0")

rounds = ParameterInteger(name="Rounds", default=50)
least_auc = ParameterFloat(name="LeastAuc", default=0.8)
approval = ParameterString(name="Approval", default="PendingManualApproval", enum=["PendingManualApproval", "Approved"])


def trained(scope: Construct, rounds: int, realization: JobRealization) -> tuple[ProcessingJob, TrainingJob]:
    """Prepares the passengers, and trains on them."""
    prepare = ProcessingJob(
        scope,
        "Prepare",
        container=AlgorithmImage(name="sklearn", version="1.4-2"),
        script="examples/processing/prepare.py",
        arguments=["--validation-share", "0.2"],
        inputs={"passengers": ProcessingInput(source=raw.channel())},
        outputs={
            "train": ProcessingOutput(content_type="text/csv"),
            "validation": ProcessingOutput(content_type="text/csv"),
        },
        output_bucket=bucket,
        realization=realization,
    )
    train = TrainingJob(
        scope,
        "Train",
        container=xgboost,
        inputs={"train": prepare.output("train"), "validation": prepare.output("validation")},
        output_bucket=bucket,
        hyperparameters={"objective": "binary:logistic", "num_round": rounds, "eval_metric": "auc", "max_depth": 4},
        realization=realization,
    )
    return prepare, train


# What the endpoint begins with, until a version is approved.
_, first = trained(Construct(stack, "First"), 5, JobRealization.DEPLOY)
model = Model(stack, "Model", container=xgboost, model_data=first.model_data)
endpoint_config = EndpointConfig(stack, "EndpointConfig", production_variants=[ProductionVariant(model=model)])
endpoint = Endpoint(stack, "Endpoint", endpoint_config=endpoint_config)

prepare, train = trained(stack, rounds.value, JobRealization.PIPELINE_STEP)
evaluate = ProcessingJob(
    stack,
    "Evaluate",
    container=xgboost,
    script="examples/retraining/evaluate.py",
    inputs={
        "model": ProcessingInput(source=train.model_data.input()),
        "validation": ProcessingInput(source=prepare.output("validation")),
    },
    outputs={"report": ProcessingOutput()},
    output_bucket=bucket,
    realization=JobRealization.PIPELINE_STEP,
)
auc = PropertyFile(job=evaluate, output="report", path="evaluation.json").get("metrics.auc.value")

group = ModelPackageGroup(stack, "Group", model_package_group_name="titanic", removal_policy=RemovalPolicy.DESTROY)
register = RegisterModelStep(
    stack,
    "Register",
    model_package_group_name=group.model_package_group_name,
    container=xgboost,
    model_data=train.model_data,
    approval_status=approval.value,
    model_quality=f"{evaluate.output_uri('report')}/evaluation.json",
)
judge = ConditionStep(
    name="IsGoodEnough",
    conditions=[Condition.greater_than_or_equal_to(auc, least_auc)],
    if_steps=[register],
    else_steps=[
        FailStep(name="IsTooBad", error_message=f"The AUC is {auc.text}, and not the least of {least_auc.text}")
    ],
)
pipeline = Pipeline(stack, "Pipeline", steps=[prepare, train, evaluate, judge], pipeline_name="retraining")
Schedule(stack, "Weekly", pipeline=pipeline, expression="cron(0 3 ? * MON *)", time_zone="Europe/Berlin")
ContinuousDelivery(
    stack,
    "Delivery",
    group=group,
    endpoint=endpoint,
    role=model.role,
    model_data=[train.model_data],
    emails=["ml-team@example.com"],
)
app.synth()
