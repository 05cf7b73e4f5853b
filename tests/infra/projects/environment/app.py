"""An app that writes down the environment that it was run in, and deploys nothing."""

import json
import os
import sys
from pathlib import Path

Path("environment.json").write_text(json.dumps(dict(os.environ)))
sys.exit("nothing to deploy")
