"""Pipelines: jobs and other steps that run one after the other, on a schedule or an event."""
