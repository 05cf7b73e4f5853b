"""The bare thing that linear-learner is held against: read the records, fit softmax models, save the best one."""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf

records, model_path, models, classes, epochs = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
BATCH_ROWS = 1000
table = read_recordio_protobuf(Path(records))
features, labels = np.asarray(table.features), np.asarray(table.labels, np.int32)
mean, deviation = features[:10_000].mean(axis=0), features[:10_000].std(axis=0)
rates = np.geomspace(1e-3, 1e-1, models, dtype=np.float32)
penalties = np.geomspace(1e-7, 1e-2, models, dtype=np.float32)


def objective(parameters, rows, truth):
    weights = parameters["weights"]
    outputs = ((rows - mean) / deviation) @ weights.reshape(len(weights), -1)
    outputs = outputs.reshape(len(rows), models, classes) + parameters["bias"]
    targets = jnp.broadcast_to(truth[:, None], outputs.shape[:2])
    losses = optax.losses.softmax_cross_entropy_with_integer_labels(outputs, targets).mean(axis=0)
    large = penalties[None, :, None] * (jnp.abs(weights) + jnp.square(weights))
    return losses.sum() + large.sum(), losses


@jax.jit
def step(parameters, state, rows, truth):
    gradients, losses = jax.grad(objective, has_aux=True)(parameters, rows, truth)
    steps, state = optimizer.update(gradients, state, parameters)
    steps = {"weights": -rates[None, :, None] * steps["weights"], "bias": -rates[:, None] * steps["bias"]}
    return optax.apply_updates(parameters, steps), state, losses


optimizer = optax.scale_by_adam()
parameters = {"weights": jnp.zeros((features.shape[1], models, classes)), "bias": jnp.zeros((models, classes))}
state = optimizer.init(parameters)
for _ in range(epochs):
    total = np.zeros(models)
    for begin in range(0, len(features), BATCH_ROWS):
        rows, truth = features[begin : begin + BATCH_ROWS], labels[begin : begin + BATCH_ROWS]
        parameters, state, losses = step(parameters, state, rows, truth)
        total += np.asarray(losses)
best = int(total.argmin())
np.savez(model_path, weights=parameters["weights"][:, best], bias=parameters["bias"][best])
