"""What jobs of all kinds share: how they come to run, who runs them, and what none may be declared with."""
