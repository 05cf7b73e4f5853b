import sagecraft_constructs


def test_the_public_names_are_these() -> None:
    assert sorted(sagecraft_constructs.__all__) == sagecraft_constructs.__all__
    assert all(hasattr(sagecraft_constructs, name) for name in sagecraft_constructs.__all__)
    assert sagecraft_constructs.__all__ == [
        "AlgorithmImage",
        "BillingAlarm",
        "ConstructError",
        "ContainerImage",
        "DataBucket",
        "DataCapture",
        "Dataset",
        "Endpoint",
        "EndpointBase",
        "EndpointConfig",
        "EndpointConfigBase",
        "ExecutionRole",
        "InstanceType",
        "InvalidProps",
        "JobRealization",
        "LifecycleConfig",
        "LifecycleConfigBase",
        "LocalProgram",
        "Model",
        "ModelBase",
        "ModelData",
        "NotebookInstance",
        "NotebookInstanceBase",
        "PlatformIdentifier",
        "PreparationFailed",
        "ProductionVariant",
        "TrainingContainer",
        "TrainingInput",
        "TrainingJob",
        "TrainingJobBase",
    ]
