"""What the pytest plugin is made of: an emulator of its own, and deployment without the CDK CLI.

`Deploy` and `Outputs` are for the annotations of tests.
"""

from .outputs import Deploy, Outputs

__all__ = ["Deploy", "Outputs"]
