"""An app with an instance type that does not exist."""

from aws_cdk import App, Stack
from sagecraft_constructs import InstanceType, NotebookInstance

app = App()
stack = Stack(app, "Broken")
NotebookInstance(stack, "Notebook", instance_type=InstanceType.of("ml.t3.mediun"), direct_internet_access=True)
app.synth()
