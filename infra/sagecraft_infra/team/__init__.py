"""The environments of teams."""
