"""Tries hyperparameters out on the Titanic, and puts the best model behind an endpoint.

sagecraft up --app "python -m examples.tuning"
"""

from aws_cdk import App, RemovalPolicy
from sagecraft_constructs import AlgorithmImage, ContinuousRange, IntegerRange, Objective, Scaling
from sagecraft_infra.stacks import DataStack, TuningEndpointStack

from examples.titanic.features import prepare

app = App()
data = DataStack(app, "TuningData", removal_policy=RemovalPolicy.DESTROY)
TuningEndpointStack(
    app,
    "Tuning",
    bucket=data.bucket,
    dataset_path="examples/titanic/data/titanic.csv",
    preparation=prepare,
    channels={"train": "train", "validation": "validation"},
    container=AlgorithmImage(name="xgboost", version="3.2-0"),
    objective=Objective.maximize("validation:auc"),
    ranges={
        "eta": ContinuousRange(0.02, 0.5, Scaling.LOGARITHMIC),
        "max_depth": IntegerRange(2, 8),
        "min_child_weight": ContinuousRange(1, 10),
    },
    hyperparameters={
        "objective": "binary:logistic",
        "num_round": 40,
        "eval_metric": "auc",
        "seed": 0,
    },
    max_jobs=6,
    max_parallel_jobs=2,
    # The same seed tries the same hyperparameters out, as long as as many training jobs run at once.
    random_seed=1,
)
app.synth()
