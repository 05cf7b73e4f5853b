"""Adapters to the emulators that keep everything which is not SageMaker."""
