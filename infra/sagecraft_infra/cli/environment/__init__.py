"""The commands that deploy an environment, destroy it, and say what stands."""
