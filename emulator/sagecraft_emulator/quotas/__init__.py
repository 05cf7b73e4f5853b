"""Quotas of SageMaker, where the emulator keeps to them: who takes of them, who is refused, and what tells of them."""
