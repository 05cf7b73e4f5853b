"""Lambda functions on this machine: their processes, and the runtimes that they find."""
