"""A CDK app of nothing but L1 resources: the templates under the folder given, declared again resource by resource."""

import json
import sys
from pathlib import Path

from aws_cdk import App, CfnResource, DefaultStackSynthesizer, Stack

app = App()
for path in sorted(Path(sys.argv[1]).glob("*.template.json")):
    synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    stack = Stack(app, path.name.removesuffix(".template.json"), synthesizer=synthesizer)
    for logical_id, resource in json.loads(path.read_text())["Resources"].items():
        if resource["Type"] != "AWS::CDK::Metadata":
            CfnResource(stack, logical_id, type=resource["Type"], properties=resource.get("Properties", {}))
app.synth()
