"""What is left of an app after its stacks are gone, and what that costs."""
