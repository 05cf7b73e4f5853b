"""What all jobs share: how they wait for cores, run, are watched, and end."""
