"""Where answers of ministack's services are others than AWS would give."""
