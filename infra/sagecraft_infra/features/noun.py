"""What this room is told of the feature store."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.importable import Importable
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

from .importing import write
from .standing import API, FEATURE_GROUPS

FEATURES: Final = Noun(
    look=Look(shown={"AWS::SageMaker::FeatureGroup": (Kind.DATA, "Feature group")}),
    sections=(FEATURE_GROUPS,),
    importables=(Importable(name="feature-group", api=API, write=write),),
    components=(Component("FeatureGroup"),),
    costs=charged.FEATURES,
)
