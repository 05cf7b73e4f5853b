"""What commands write to a terminal, a file or a pipe."""
