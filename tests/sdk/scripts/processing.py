# ruff: noqa: INP001 - it is the source of a job, not of a package
"""A processing job: sums the columns of the input rows, and writes them beside the rows' count."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
import sklearn

ROOT = Path("/opt/ml/processing")


def main() -> None:
    """Writes the output `sums`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, required=True)
    options = parser.parse_args()
    rows = np.vstack([np.loadtxt(file, delimiter=",") for file in sorted((ROOT / "input").rglob("*.csv"))])
    resources = json.loads(Path("/opt/ml/config/resourceconfig.json").read_text("utf-8"))
    sums = {
        "rows": len(rows),
        "sums": (rows.sum(axis=0) * options.scale).tolist(),
        "color": os.environ["COLOR"],
        "hosts": resources["hosts"],
        "sklearn": sklearn.__version__,
    }
    (ROOT / "sums" / "sums.json").write_text(json.dumps(sums), "utf-8")
    print(f"summed {len(rows)} rows")


if __name__ == "__main__":
    main()
