"""The bare thing that the training benchmark is held against: read the CSV, call xgboost.train, save the model."""

import sys

import pyarrow.csv
import xgboost

train_csv, model_path, num_round = sys.argv[1], sys.argv[2], int(sys.argv[3])
table = pyarrow.csv.read_csv(train_csv, read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True))
columns = table.to_pandas().to_numpy(dtype="float32")
matrix = xgboost.DMatrix(columns[:, 1:], label=columns[:, 0])
booster = xgboost.train(
    {"objective": "binary:logistic", "tree_method": "hist", "max_depth": 6},
    matrix,
    num_boost_round=num_round,
    evals=[(matrix, "train")],
)
booster.save_model(model_path)
