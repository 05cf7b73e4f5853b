"""The kinds of SageMaker resources, one noun a file, and what their operations do."""
