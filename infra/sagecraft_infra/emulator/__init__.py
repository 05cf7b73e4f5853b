"""The emulator that an app is deployed to: the project's own, or somebody else's."""
