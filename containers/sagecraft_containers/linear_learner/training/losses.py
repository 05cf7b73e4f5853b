"""The losses of linear-learner: of outputs of shape (rows, models, outputs), one number of each row and model."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import jax
import jax.numpy as jnp
import optax

from .settings import Settings

Loss = Callable[[jax.Array, jax.Array], Any]
"""Of outputs and of labels of shape (rows,)."""
OBJECTIVES: Final[Mapping[str, str]] = {
    "logistic": "binary_classification_cross_entropy",
    "softmax_loss": "multiclass_cross_entropy",
    "squared_loss": "mse",
}
"""What the log calls a loss that it does not call by its own name."""


def loss_of(settings: Settings) -> Loss:
    """The loss that a job asks for."""
    match settings.loss:
        case "logistic":
            return _logistic
        case "softmax_loss":
            return _softmax
        case "hinge_loss":
            return partial(_hinge, margin=settings.number("margin"))
        case name:
            return partial(_of_residuals, of=_residual_loss(name, settings))


def _logistic(outputs: jax.Array, labels: jax.Array) -> Any:
    return optax.losses.sigmoid_binary_cross_entropy(outputs[:, :, 0], labels[:, None])


def _softmax(outputs: jax.Array, labels: jax.Array) -> Any:
    classes = jnp.broadcast_to(labels.astype(jnp.int32)[:, None], outputs.shape[:2])
    return optax.losses.softmax_cross_entropy_with_integer_labels(outputs, classes)


def _hinge(outputs: jax.Array, labels: jax.Array, margin: float) -> jax.Array:
    return jax.nn.relu(margin - outputs[:, :, 0] * (2 * labels[:, None] - 1))


def _of_residuals(outputs: jax.Array, labels: jax.Array, of: Callable[[jax.Array], jax.Array]) -> jax.Array:
    return of(labels[:, None] - outputs[:, :, 0])


def _residual_loss(name: str, settings: Settings) -> Callable[[jax.Array], jax.Array]:
    number = settings.number
    match name:
        case "squared_loss":
            return jnp.square
        case "absolute_loss":
            return jnp.abs
        case "eps_insensitive_squared_loss":
            return lambda residual: jnp.square(jax.nn.relu(jnp.abs(residual) - number("loss_insensitivity")))
        case "eps_insensitive_absolute_loss":
            return lambda residual: jax.nn.relu(jnp.abs(residual) - number("loss_insensitivity"))
        case "quantile_loss":
            quantile = number("quantile")
            return lambda residual: jnp.maximum(quantile * residual, (quantile - 1) * residual)
        case "huber_loss":
            return lambda residual: optax.losses.huber_loss(residual, delta=number("huber_delta"))
        case unknown:
            raise AssertionError(f"the catalog lets a loss pass that is unknown here: '{unknown}'")
