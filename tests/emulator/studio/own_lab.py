"""What stands for an image of one's own: it answers where JupyterLab would, with what it was started with.

usage: own_lab.py, with the options of JupyterLab behind
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GIVEN = ("GREETING", "HOME", "SAGEMAKER_SPACE_NAME", "SAGEMAKER_APP_TYPE", "AWS_REGION")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = {
            "first": sys.argv[1],
            "environment": {name: os.environ.get(name) for name in GIVEN},
            "sees_itself": Path("own_lab.py").is_file(),
        }
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    options = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:] if "=" in word)
    ThreadingHTTPServer((options["ServerApp.ip"], int(options["ServerApp.port"])), _Handler).serve_forever()
