"""The programs inside training and serving containers: SageMaker's container contract."""
