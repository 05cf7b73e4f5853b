"""What the pytest plugin is made of: an emulator of its own, and deployment without the CDK CLI."""
