"""What the work would cost on AWS: every second of what is charged for, kept with the records."""
