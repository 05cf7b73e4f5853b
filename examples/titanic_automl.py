"""Learns from the Titanic's passengers as they stand in the file, and puts the best candidate behind an endpoint.

sagecraft up --app "python -m examples.titanic_automl"
"""

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from sagecraft_constructs import (
    AutoMLJob,
    AutoMLMetric,
    AutoMLMode,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    Model,
    ProblemType,
    ProductionVariant,
    TabularProblem,
)

app = App()
stack = Stack(app, "TitanicAutoML", description="An AutoML job, and the endpoint of its best candidate")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
# Names, missing ages, letters of decks and all: nobody prepares them.
passengers = Dataset(stack, "Passengers", bucket=bucket, path="examples/titanic/data/titanic.csv")
automl = AutoMLJob(
    stack,
    "AutoML",
    problem=TabularProblem(
        target="Survived",
        problem_type=ProblemType.BINARY_CLASSIFICATION,
        mode=AutoMLMode.ENSEMBLING,
    ),
    objective=AutoMLMetric.ACCURACY,
    training=passengers.channel(),
    output_bucket=bucket,
    max_candidates=int(app.node.try_get_context("titanic-candidates") or 20),
    max_runtime=Duration.minutes(20),
)
model = Model.from_automl(stack, "Model", automl=automl, inference_response_keys=["predicted_label", "probability"])
config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
CfnOutput(stack, "EndpointName", value=Endpoint(stack, "Endpoint", endpoint_config=config).endpoint_name)
CfnOutput(stack, "JobName", value=automl.auto_ml_job_name)
CfnOutput(stack, "Accuracy", value=automl.best_objective_value)
CfnOutput(stack, "Notebook", value=automl.candidate_definition_notebook)
CfnOutput(stack, "Explainability", value=automl.explainability_report)
CfnOutput(stack, "ModelInsights", value=automl.model_insights_report)
app.synth()
