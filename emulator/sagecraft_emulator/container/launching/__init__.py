"""How sandboxes start: a process that forks them, and what it mounts for each."""
