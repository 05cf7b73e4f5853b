"""What this room is told of notebook instances."""

from typing import Final

from sagecraft_catalog.charge import notebook as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.noun.log import Logged
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .holding import NOTEBOOK_INSTANCES_HELD
from .importing import write
from .standing import API, NOTEBOOK_INSTANCES

NOTEBOOK: Final = Noun(
    look=Look(
        shown={
            "AWS::SageMaker::NotebookInstance": (Kind.NOTEBOOK, "Notebook instance"),
            "AWS::SageMaker::NotebookInstanceLifecycleConfig": (Kind.NOTEBOOK, "Lifecycle configuration"),
            "AWS::SageMaker::CodeRepository": (Kind.NOTEBOOK, "Code repository"),
        }
    ),
    sections=(NOTEBOOK_INSTANCES,),
    logged=(Logged(api=API, group="/aws/sagemaker/NotebookInstances", prefix="{name}/"),),
    importables=(Importable(name="notebook", api=API, write=write),),
    components=(Component("LifecycleConfig", makers=("idle_stop",)), Component("NotebookInstance")),
    costs=charged.NOTEBOOK,
    holders=(NOTEBOOK_INSTANCES_HELD,),
)
