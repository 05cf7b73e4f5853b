"""Images for apps of Studio, their versions, and how an app runs one."""
