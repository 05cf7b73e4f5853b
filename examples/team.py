"""Two teams in one account, neither of which can read the other: roles by persona, a notebook, a closed network.

sagecraft up --app "python -m examples.team"
"""

from aws_cdk import App, RemovalPolicy
from sagecraft_constructs import InstanceType, Person, Persona
from sagecraft_infra.stacks import TeamStack

TEAMS = {
    "churn": [
        Person(name="ada", persona=Persona.DATA_SCIENTIST),
        Person(name="rosa", persona=Persona.REVIEWER),
    ],
    "fraud": [Person(name="mel", persona=Persona.MLOPS_ENGINEER)],
}

app = App()
for team, people in TEAMS.items():
    TeamStack(
        app,
        f"Team-{team}",
        name=team,
        # Who leaves is a line less: their roles and notebook go, and their data stays in the bucket.
        people=people,
        instance_types=[InstanceType.M5_LARGE, InstanceType.M5_XLARGE],
        monthly_usd=500,
        emails=["lead@example.com"],
        removal_policy=RemovalPolicy.DESTROY,
    )
app.synth()
