"""SageMaker's control plane, by its service model; it knows no kind of resource."""
