"""Objects in S3 on their way to and from the work: channels, manifests, pipes, records."""
