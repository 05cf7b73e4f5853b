"""The programs inside training and serving containers, under the SageMaker container contract."""
