"""S3's objects on disk: bodies come and go as files, and are never held in memory."""
