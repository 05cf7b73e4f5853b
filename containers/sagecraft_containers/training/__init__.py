"""What every `train` does: the job's configuration, its hosts, its end, and scripts of the user's."""
