"""The commands that write files: a project, a picture, the code of what exists."""
