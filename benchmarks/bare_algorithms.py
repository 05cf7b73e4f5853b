"""What AWS's algorithms are held against: read the same file by the same reader, fit by the bare library, save."""

# ruff: noqa: PLC0415 - each imports its library alone
import sys
from pathlib import Path

import numpy as np

ALGORITHM, DATA, MODEL = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
COMPONENTS, CLUSTERS, NEIGHBORS, TOPICS, TREES, FACTORS = 50, 10, 10, 10, 50, 10


def records():
    from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf

    table = read_recordio_protobuf(DATA)
    return table.features, table.labels


def kmeans():
    from sklearn.cluster import KMeans, MiniBatchKMeans

    features = records()[0].astype(np.float64)
    many = MiniBatchKMeans(20 * CLUSTERS, init="random", n_init=1, reassignment_ratio=0, random_state=0)
    for begin in range(0, len(features), 5000):
        many.partial_fit(features[begin : begin + 5000])
    return KMeans(CLUSTERS, n_init="auto", random_state=0).fit(many.cluster_centers_).cluster_centers_


def pca():
    from sklearn.decomposition import PCA

    return PCA(COMPONENTS, svd_solver="covariance_eigh").fit(records()[0]).components_


def pca_randomized():
    from sklearn.decomposition import PCA

    return (
        PCA(COMPONENTS, svd_solver="randomized", n_oversamples=COMPONENTS, random_state=0).fit(records()[0]).components_
    )


def knn():
    from sklearn.neighbors import NearestNeighbors

    features, labels = records()
    NearestNeighbors(n_neighbors=NEIGHBORS).fit(features)
    return features, labels


def lda():
    from sklearn.decomposition import LatentDirichletAllocation

    return LatentDirichletAllocation(TOPICS, max_iter=2, random_state=0).fit(records()[0]).components_


def randomcutforest():
    from krcf import RandomCutForest

    features = records()[0]
    options = {"dimensions": features.shape[1], "shingle_size": 1, "num_trees": TREES, "sample_size": 256}
    forest = RandomCutForest({**options, "output_after": 1, "random_seed": 0, "lambda": 0.0})
    for row in features.tolist():
        forest.update(row)
    return np.frombuffer(forest.to_msgpack(), np.uint8)


def factorization_machines():
    import jax
    import jax.numpy as jnp
    import optax

    features, labels = records()
    optimizer = optax.adam(1e-3)

    def objective(parameters, rows, truth):
        factors = parameters["factors"]
        pairs = ((rows @ factors) ** 2 - rows**2 @ factors**2).sum(axis=1) / 2
        outputs = rows @ parameters["linear"] + parameters["bias"] + pairs
        return optax.losses.sigmoid_binary_cross_entropy(outputs, truth).mean()

    @jax.jit
    def step(parameters, state, rows, truth):
        steps, state = optimizer.update(jax.grad(objective)(parameters, rows, truth), state, parameters)
        return optax.apply_updates(parameters, steps), state

    columns = features.shape[1]
    factors = jnp.asarray(np.random.default_rng(0).normal(0, 0.001, (columns, FACTORS)), jnp.float32)
    parameters = {"bias": jnp.zeros(1), "linear": jnp.zeros(columns), "factors": factors}
    state = optimizer.init(parameters)
    for _ in range(2):
        for begin in range(0, len(features), 1000):
            parameters, state = step(parameters, state, features[begin : begin + 1000], labels[begin : begin + 1000])
    return parameters["factors"]


def table():
    import pandas as pd

    rows = pd.read_csv(DATA, header=None)
    kept = rows.sample(frac=0.2, random_state=200)
    rows = rows.drop(kept.index)
    return rows.iloc[:, 1:], rows.iloc[:, 0], kept.iloc[:, 1:], kept.iloc[:, 0]


def lightgbm():
    import joblib
    import lightgbm

    features, target, kept, kept_target = table()
    training = lightgbm.Dataset(features, target)
    parameters = {"num_leaves": 64, "feature_fraction": 0.9, "bagging_fraction": 0.9, "bagging_freq": 1, "max_depth": 6}
    validation = lightgbm.Dataset(kept, kept_target, reference=training)
    booster = lightgbm.train(
        {**parameters, "min_data_in_leaf": 3, "objective": "binary", "metric": "binary_logloss"},
        training,
        num_boost_round=20,
        valid_sets=[validation, training],
        callbacks=[lightgbm.log_evaluation(1)],
    )
    joblib.dump(booster, MODEL)


def catboost():
    import catboost

    features, target, kept, kept_target = table()
    model = catboost.CatBoostClassifier(
        iterations=20,
        learning_rate=0.1,
        eval_metric="AUC",
        bagging_temperature=1.0,
        allow_writing_files=False,
        verbose=1,
    )
    model.fit(features, target, eval_set=(kept, kept_target)).save_model(MODEL)


fitted = globals()[ALGORITHM]()
if fitted is not None:
    np.savez(MODEL, *(fitted if isinstance(fitted, tuple) else (fitted,)))
