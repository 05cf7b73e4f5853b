"""moto in this process, with our SageMaker service in the place of moto's.

@mock_sagemaker(execute="instant")
def test_wiring() -> None:
boto3.client("sagemaker", region_name="us-east-1").create_training_job(...)
"""

from .mock import MockedSageMaker, mock_sagemaker

__all__ = ["MockedSageMaker", "mock_sagemaker"]
