"""How SageMaker's API calls training jobs."""

from typing import Final

from sagecraft_infra.noun.api import Api

API: Final = Api("TrainingJob", "training_job", "TrainingJobSummaries")
