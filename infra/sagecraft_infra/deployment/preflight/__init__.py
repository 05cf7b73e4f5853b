"""Whether an account has what a deployment needs, before anything is made."""
