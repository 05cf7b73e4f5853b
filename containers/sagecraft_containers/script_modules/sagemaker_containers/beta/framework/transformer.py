"""What stands in for functions that a user's module leaves out."""

from typing import Any, NoReturn

from sagemaker_training import encoders

from .worker import Response


def default_model_fn(model_dir: str) -> NoReturn:
    """No model can be loaded without knowing what it is."""
    raise NotImplementedError(f"Please provide a model_fn implementation, which loads the model of '{model_dir}'.")


def default_input_fn(input_data: Any, content_type: str) -> Any:
    """What a request's body says: NPY, CSV or JSON."""
    return encoders.decode(input_data, content_type)


def default_predict_fn(data: Any, model: Any) -> NoReturn:
    """No model can be asked without knowing what it is."""
    raise NotImplementedError(
        f"Please provide a predict_fn implementation, which asks the {type(model).__name__} about the data."
    )


def default_output_fn(prediction: Any, accept: str) -> Response:
    """A prediction as NPY, CSV or JSON."""
    return Response(encoders.encode(prediction, accept), mimetype=accept)


def __getattr__(name: str) -> Any:
    if name == "Transformer":
        raise ImportError(
            "sagemaker_containers.beta.framework.transformer.Transformer serves by Flask, which this container does "
            "not; write model_fn, input_fn, predict_fn and output_fn, or transform_fn, in the script."
        )
    raise AttributeError(f"sagemaker_containers.beta.framework.transformer has no '{name}'.")
