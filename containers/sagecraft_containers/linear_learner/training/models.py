"""Many linear models that are trained at once, each with settings of its own."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from sagecraft_containers.algorithm.batches import Batch, as_batch, project
from sagecraft_containers.algorithm.descent import Descent, Parameters
from sagecraft_containers.data.table import FloatArray, Table

from .losses import loss_of
from .scaling import Scaling
from .settings import Settings


class Evaluation(NamedTuple):
    """What models make of some rows.

    Attributes:
        outputs: Shape (rows, models, outputs).
        losses: The mean loss of each model.
    """

    outputs: FloatArray
    losses: FloatArray


class Models:
    """The models of a job.

    Args:
        settings: What is trained.
        scaling: How rows are scaled.
        class_weights: What a row of each class weighs; None where all weigh the same.
        columns: How many features a row has.
        batch_rows: How many rows a batch has.
    """

    def __init__(
        self, settings: Settings, scaling: Scaling, class_weights: FloatArray | None, columns: int, batch_rows: int
    ) -> None:
        self._settings, self._scaling, self._class_weights = settings, scaling, class_weights
        self._rows, self._steps = batch_rows, 0
        loss = loss_of(settings)

        def evaluate(parameters: Parameters, batch: Batch) -> tuple[jax.Array, jax.Array]:
            outputs = _outputs(parameters, batch, scaling)
            return outputs, (loss(outputs, batch["y"]) * batch["weight"][:, None]).sum(axis=0) / batch["rows"]

        penalty = _penalty(settings)

        def objective(parameters: Parameters, batch: Batch) -> tuple[jax.Array, jax.Array]:
            losses = evaluate(parameters, batch)[1]
            return losses.sum() + penalty(parameters), losses

        self._evaluate = jax.jit(evaluate)
        self._descent = Descent(objective, _optimizer(settings), _initial(settings, columns))

    def train(self, table: Table) -> FloatArray:
        """Goes a step by a batch; returns the loss of each model before it."""
        rate = self._settings.rate(self._steps)
        self._steps += 1
        bias = rate[:, None] * np.float32(
            self._settings.number("bias_lr_mult") * bool(self._settings.values["use_bias"])
        )
        losses = self._descent.step(self._batch(table), {"weights": rate[None, :, None], "bias": bias})
        return np.asarray(losses)

    def evaluate(self, table: Table, parameters: Parameters | None = None) -> Evaluation:
        """What models make of some rows, at most as many as a batch has.

        Args:
            table: The rows.
            parameters: Of the models; all of them as they are now where it is None.
        """
        now = self._descent.parameters if parameters is None else parameters
        outputs, losses = self._evaluate(now, self._batch(table))
        return Evaluation(np.asarray(outputs)[: table.rows], np.asarray(losses))

    def one(self, model: int) -> Parameters:
        """One of the models as it is now."""
        now, one = self._descent.parameters, slice(model, model + 1)
        # A slice of all models is their own array, which the next step gives away.
        return {"weights": jnp.array(now["weights"][:, one]), "bias": jnp.array(now["bias"][one])}

    def _batch(self, table: Table) -> Batch:
        labels = np.asarray(table.labels)
        weights = 1.0 if self._class_weights is None else self._class_weights[labels.astype(np.int64)]
        scaled = Table(table.features, self._scaling.labels(labels))
        return {**as_batch(scaled, self._rows, weights), "rows": np.float32(table.rows)}


def _outputs(parameters: Parameters, batch: Batch, scaling: Scaling) -> jax.Array:
    features, models, outputs = parameters["weights"].shape
    weights = parameters["weights"].reshape(features, models * outputs)
    if "x" in batch:
        batch = {**batch, "x": (batch["x"] - scaling.mean) / scaling.deviation}
    else:
        weights = weights / scaling.deviation[:, None]
    return project(batch, weights).reshape(-1, models, outputs) + parameters["bias"]


def _penalty(settings: Settings) -> Callable[[Parameters], jax.Array]:
    lasso, ridge = settings.models["l1"][None, :, None], settings.models["wd"][None, :, None] / 2
    bias_ridge = ridge[0] * settings.number("bias_wd_mult")
    return lambda at: (
        (lasso * jnp.abs(at["weights"]) + ridge * jnp.square(at["weights"])).sum()
        + (bias_ridge * jnp.square(at["bias"])).sum()
    )


def _optimizer(settings: Settings) -> optax.GradientTransformation:
    momentum = settings.number("momentum")
    trace = optax.trace(momentum) if momentum else optax.identity()
    match settings.optimizer:
        case "adam":
            return optax.scale_by_adam(settings.number("beta_1"), settings.number("beta_2"))
        case "rmsprop":
            return optax.chain(optax.scale_by_rms(), trace)
        case "sgd":
            return trace
        case unknown:
            raise AssertionError(f"the catalog lets an optimizer pass that is unknown here: '{unknown}'")


def _initial(settings: Settings, columns: int) -> Parameters:
    """All models begin at the same place."""
    random = np.random.default_rng(0)
    models, values = len(settings.models["wd"]), settings.values
    shape = (columns, 1, settings.outputs)
    if values["init_method"] == "uniform":
        weights = random.uniform(-settings.number("init_scale"), settings.number("init_scale"), shape)
    else:
        weights = random.normal(0, settings.number("init_sigma"), shape)
    bias = np.full((models, settings.outputs), settings.number("init_bias") * bool(values["use_bias"]))
    repeated = np.repeat(weights, models, axis=1)
    return {"weights": jnp.asarray(repeated, jnp.float32), "bias": jnp.asarray(bias, jnp.float32)}
