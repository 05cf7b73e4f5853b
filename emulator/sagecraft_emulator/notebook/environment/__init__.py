"""What a notebook instance has in it: JupyterLab, a kernel, and an identity that AWS's tools find."""
