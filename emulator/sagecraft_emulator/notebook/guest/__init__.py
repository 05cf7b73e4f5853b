"""What runs in a notebook instance besides JupyterLab: programs with nothing but Python's own library, and commands."""
