"""What JumpStart's scripts for tables have in common: their channels, their jobs, their answers."""
