"""The jobs that SageMaker runs: found, declared, followed, measured and drawn."""
