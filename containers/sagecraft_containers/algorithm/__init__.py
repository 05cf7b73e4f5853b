"""What AWS's own algorithms have in common: their channels and data formats, their log, their errors, their answers."""
