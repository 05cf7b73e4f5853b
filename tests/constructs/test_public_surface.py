import sagecraft_constructs


def test_the_public_names_are_these() -> None:
    assert sorted(sagecraft_constructs.__all__) == sagecraft_constructs.__all__
    assert all(hasattr(sagecraft_constructs, name) for name in sagecraft_constructs.__all__)
    assert {
        "AlgorithmImage",
        "DataBucket",
        "DataCapture",
        "Dataset",
        "Endpoint",
        "EndpointConfig",
        "ExecutionRole",
        "InstanceType",
        "InvalidProps",
        "LocalProgram",
        "Model",
        "ModelData",
        "PreparationFailed",
        "ProductionVariant",
        "TrainingContainer",
        "TrainingInput",
        "TrainingJob",
    } <= set(sagecraft_constructs.__all__)
