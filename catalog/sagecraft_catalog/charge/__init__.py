"""What AWS charges for, by what a template declares: a rule for each type of resource, and the sum over templates."""
