"""All examples as one app, which is deployed at once: seven times an app of its own would take several minutes."""

import importlib
from unittest.mock import patch

import aws_cdk

EXAMPLES = ("batch_transform", "processing", "script_mode", "studio", "titanic_automl", "tuning", "two_hosts")

app = aws_cdk.App()
with patch("aws_cdk.App", return_value=app), patch.object(app, "synth"):
    for name in EXAMPLES:
        importlib.import_module(f"examples.{name}")
app.synth()
