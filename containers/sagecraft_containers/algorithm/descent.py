"""Gradient descent by JAX and Optax, a batch at a time."""

from collections.abc import Callable
from typing import Any

import jax
import optax

from .batches import Batch

Parameters = dict[str, jax.Array]
Objective = Callable[[Parameters, Batch], tuple[jax.Array, jax.Array]]
"""Of parameters and a batch, the number to be made small, and what is told of it."""


class Descent:
    """Parameters on their way down.

    Args:
        objective: What is to be made small.
        optimizer: Makes a step of a gradient; its length is scaled by the rates.
        parameters: Where to begin.
    """

    def __init__(self, objective: Objective, optimizer: optax.GradientTransformation, parameters: Parameters) -> None:
        self.parameters = parameters
        self._state = optimizer.init(parameters)

        def step(parameters: Parameters, state: Any, rates: Parameters, batch: Batch) -> tuple[Any, Any, jax.Array]:
            gradients, told = jax.grad(objective, has_aux=True)(parameters, batch)
            steps, state = optimizer.update(gradients, state, parameters)
            return jax.tree.map(lambda at, by, rate: at - rate * by, parameters, steps, rates), state, told

        self._step = jax.jit(step, donate_argnums=(0, 1))

    def step(self, batch: Batch, rates: Any) -> Any:
        """Goes one step.

        Args:
            batch: Some rows.
            rates: The learning rate of each of the parameters, by its name.

        Returns:
            What the objective tells of the batch, before the step.
        """
        self.parameters, self._state, told = self._step(self.parameters, self._state, rates, batch)
        return told
