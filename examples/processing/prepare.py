"""The script that the scikit-learn container runs: makes numbers of what was written down about passengers."""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder

DATA = Path("/opt/ml/processing")

parser = argparse.ArgumentParser()
parser.add_argument("--validation-share", type=float, required=True)
options = parser.parse_args()

passengers = pd.read_csv(DATA / "input" / "passengers" / "titanic.csv")
train, validation = train_test_split(
    passengers, test_size=options.validation_share, stratify=passengers["Survived"], random_state=0
)
columns = make_column_transformer(
    ("passthrough", ["Pclass", "SibSp", "Parch", "Fare"]),
    (SimpleImputer(strategy="median", add_indicator=True), ["Age"]),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["Sex", "Embarked"]),
)
# The median age and the ports are those of the passengers that are learnt from.
columns.fit(train)
for name, rows in {"train": train, "validation": validation}.items():
    numbers = pd.DataFrame(columns.transform(rows))
    # As SageMaker's XGBoost reads it: the label first, and no header.
    numbers.insert(0, "label", rows["Survived"].to_numpy())
    numbers.to_csv(DATA / "output" / name / "passengers.csv", header=False, index=False)
    print(f"{name}: {len(numbers)} passengers, {len(numbers.columns) - 1} numbers each")
